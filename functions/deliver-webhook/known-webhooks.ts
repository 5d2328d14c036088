import type { Clock, Log } from '../../shared/domain/ports.ts';
import type { Webhook } from '../../shared/domain/webhook.ts';
import { UNKNOWN_HEALTH, type WebhookHealths } from '../../shared/domain/webhook-health.ts';
import type { Webhooks } from '../../shared/domain/webhook-ports.ts';

export type DisabledReason = 'gone' | 'failing_for_5_days';

export interface KnownWebhooks {
  /** At most five seconds old. Undefined where it was deleted. */
  get(tenant: string, webhookId: string): Promise<Webhook | undefined>;
  disable(webhook: Webhook, reason: DisabledReason): Promise<void>;
}

export interface KnownWebhooksDeps {
  readonly webhooks: Pick<Webhooks, 'get' | 'update'>;
  readonly health: Pick<WebhookHealths, 'change'>;
  readonly clock: Clock;
  readonly log: Pick<Log, 'warn' | 'count'>;
}

const CACHED_FOR_MS = 5_000;
/** Memory is begun anew long before it is a burden. */
const MOST_REMEMBERED = 1_000;

interface Known {
  readonly webhook: Promise<Webhook | undefined>;
  readonly readAtEpochMs: number;
}

/** One read for all jobs of a webhook that come within five seconds. */
export function createKnownWebhooks({ webhooks, health, clock, log }: KnownWebhooksDeps): KnownWebhooks {
  const cache = new Map<string, Known>();
  const disabling = new Map<string, Promise<void>>();

  const read = (tenant: string, webhookId: string): Promise<Webhook | undefined> => {
    if (cache.size >= MOST_REMEMBERED) cache.clear();
    const known = { webhook: webhooks.get(tenant, webhookId), readAtEpochMs: clock.nowEpochMs() };
    cache.set(webhookId, known);
    known.webhook.catch(() => {
      if (cache.get(webhookId) === known) cache.delete(webhookId);
    });
    return known.webhook;
  };

  const get = (tenant: string, webhookId: string): Promise<Webhook | undefined> => {
    const known = cache.get(webhookId);
    const isFresh = known !== undefined && Math.abs(clock.nowEpochMs() - known.readAtEpochMs) < CACHED_FOR_MS;
    return isFresh ? known.webhook : read(tenant, webhookId);
  };

  /** Whoever enables it again begins with what nobody knows anything about. */
  const disableNow = async (
    { tenant, webhookId }: Webhook,
    disabledReason: DisabledReason,
  ): Promise<void> => {
    if ((await get(tenant, webhookId))?.status !== 'enabled') return;
    await webhooks.update(tenant, webhookId, { status: 'disabled', disabledReason });
    cache.delete(webhookId);
    log.warn('webhook_disabled', { webhookId, reason: disabledReason });
    log.count('WebhooksDisabled', 1);
    await health.change(webhookId, () => ({ answer: undefined, state: UNKNOWN_HEALTH }));
  };

  return {
    get,

    disable(webhook, reason) {
      const { webhookId } = webhook;
      const underWay = disabling.get(webhookId);
      if (underWay !== undefined) return underWay;
      const disabled = disableNow(webhook, reason).finally(() => disabling.delete(webhookId));
      disabling.set(webhookId, disabled);
      return disabled;
    },
  };
}
