import type { Clock, Log } from '../../shared/base/ports.ts';
import type { Webhooks } from '../../shared/webhooks/ports.ts';
import type { Webhook } from '../../shared/webhooks/webhook.ts';

type DisabledReason = 'gone' | 'failing_for_5_days';

export interface KnownWebhooks {
  /** Reads a webhook, at most five seconds old; undefined if it was deleted. */
  get(tenant: string, webhookId: string): Promise<Webhook | undefined>;
  disable(webhook: Webhook, reason: DisabledReason): Promise<void>;
}

interface KnownWebhooksDeps {
  readonly webhooks: Pick<Webhooks, 'get' | 'update'>;
  readonly clock: Clock;
  readonly log: Pick<Log, 'warn' | 'count'>;
}

const CACHED_FOR_MS = 5_000;
/** Limit at which memory is begun anew, long before it is a burden. */
const MOST_REMEMBERED = 1_000;

interface Known {
  readonly webhook: Promise<Webhook | undefined>;
  readonly readAtEpochMs: number;
}

/** One read for all jobs of a webhook that come within five seconds. */
export function createKnownWebhooks({ webhooks, clock, log }: KnownWebhooksDeps): KnownWebhooks {
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

  /**
   * Disables a webhook only for what its endpoint, as it still is, has earned; one that was corrected
   * meanwhile is another.
   */
  const disableNow = async (called: Webhook, disabledReason: DisabledReason): Promise<void> => {
    const { tenant, webhookId } = called;
    const current = await read(tenant, webhookId);
    if (current?.status !== 'enabled' || current.endpoint !== called.endpoint) return;
    await webhooks.update(tenant, webhookId, { status: 'disabled', disabledReason });
    cache.delete(webhookId);
    log.warn('webhook_disabled', { webhookId, reason: disabledReason });
    log.count('WebhooksDisabled', 1);
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
