import type { LogPosition } from '../event-log/ports.ts';
import type { Webhook } from './webhook.ts';

type WebhookChanges = Partial<
  Pick<Webhook, 'endpoint' | 'events' | 'status' | 'secrets'> & { readonly disabledReason: string | null }
>;

/** Endpoints of all tenants, in the catalog. Reads are consistent: a webhook misses nothing that happens after it was made. */
export interface Webhooks {
  /** Lists webhooks newest first. */
  list(tenant: string): Promise<readonly Webhook[]>;
  get(tenant: string, webhookId: string): Promise<Webhook | undefined>;
  put(webhook: Webhook): Promise<void>;
  /**
   * Changes a webhook; undefined where there is none (any more). `null` takes a value away.
   * @param ifNewest undefined too where this is not its newest secret any more
   */
  update(
    tenant: string,
    webhookId: string,
    changes: WebhookChanges,
    ifNewest?: string,
  ): Promise<Webhook | undefined>;
  /** Deletes a webhook; false where there was none. */
  delete(tenant: string, webhookId: string): Promise<boolean>;
}

export type DeliveryState = 'success' | 'pending' | 'failed' | 'attempting';

/** One try to hand an event to an endpoint. */
export interface WebhookAttempt {
  /** Id of the attempt, UUIDv7. */
  readonly attemptId: string;
  /** Status code; 0 where no answer came. */
  readonly httpStatusCode: number;
  /** The first KB of the answer; where none came, the reason. */
  readonly response: string;
  /** Time of sending, ISO 8601. */
  readonly sentAt: string;
}

/**
 * Record of one event on its way to one endpoint. Written with the first attempt; its payload is in the log.
 */
export interface WebhookDelivery {
  readonly eventId: string;
  readonly type: string;
  /** Time of the event. */
  readonly createdAt: string;
  readonly state: DeliveryState;
  readonly nextAttemptAt?: string;
  /** Attempts, oldest first. */
  readonly attempts: readonly WebhookAttempt[];
  readonly position: LogPosition;
}

export interface WebhookDeliveries {
  /** Stores successes at the first attempt, many in one write. */
  putSuccesses(webhookId: string, deliveries: readonly WebhookDelivery[]): Promise<void>;
  /**
   * Stores one event with its attempts so far; replaces what was known of it, but never a success by less.
   */
  put(webhookId: string, delivery: WebhookDelivery): Promise<void>;
  get(webhookId: string, eventId: string): Promise<WebhookDelivery | undefined>;
  /** Lists deliveries, newest event first. */
  list(
    webhookId: string,
    page: { readonly limit: number; readonly after?: string },
  ): Promise<{ readonly deliveries: readonly WebhookDelivery[]; readonly hasMore: boolean }>;
}
