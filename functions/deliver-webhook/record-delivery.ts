import type { Log } from '../../shared/base/ports.ts';
import type { WebhookJob } from '../../shared/webhooks/contract/webhook-job.ts';
import type {
  DeliveryState,
  WebhookAttempt,
  WebhookDeliveries,
  WebhookDelivery,
} from '../../shared/webhooks/ports.ts';

export interface DeliveryRecords {
  /** Never throws: what was delivered is delivered, and is not delivered again for a record. */
  delivered(job: WebhookJob, attempt: WebhookAttempt): Promise<void>;
  /** Never throws: the next attempt is already on its way. */
  pending(job: WebhookJob, attempt: WebhookAttempt, nextAttemptAtEpochMs: number): Promise<void>;
  /** Leaves the one trace of an event that is not tried any more; throws where it could not be left. */
  failed(job: WebhookJob, attempt?: WebhookAttempt): Promise<void>;
  /** Writes, at the end of a batch, the successes at the first attempt. */
  flush(): Promise<void>;
}

interface DeliveryRecordsDeps {
  readonly deliveries: Pick<WebhookDeliveries, 'put' | 'putSuccesses'>;
  readonly log: Log;
}

/** Records of what became of each event. Earlier attempts are known to the store, which adds to them. */
export function createDeliveryRecords({ deliveries, log }: DeliveryRecordsDeps): DeliveryRecords {
  const successes = new Map<string, WebhookDelivery[]>();

  const tryTo = async (webhookId: string, put: () => Promise<void>): Promise<void> => {
    await put().catch((error: unknown) => log.error('delivery_not_recorded', { webhookId, error }));
  };

  return {
    async delivered(job, attempt) {
      const { webhookId } = job;
      const delivery = deliveryOf(job, 'success', [attempt]);
      const isFirst = job.attempts === 0 && job.isReplay !== true;
      if (isFirst) successes.set(webhookId, [...(successes.get(webhookId) ?? []), delivery]);
      else await tryTo(webhookId, () => deliveries.put(webhookId, delivery));
    },

    async pending(job, attempt, nextAttemptAtEpochMs) {
      const nextAttemptAt = new Date(nextAttemptAtEpochMs).toISOString();
      const delivery = { ...deliveryOf(job, 'pending', [attempt]), nextAttemptAt };
      await tryTo(job.webhookId, () => deliveries.put(job.webhookId, delivery));
    },

    async failed(job, attempt) {
      const attempts = attempt === undefined ? [] : [attempt];
      await deliveries.put(job.webhookId, deliveryOf(job, 'failed', attempts));
      log.count('WebhookDeliveriesFailed', 1);
    },

    async flush() {
      const written = [...successes];
      successes.clear();
      await Promise.all(
        written.map(([webhookId, own]) => tryTo(webhookId, () => deliveries.putSuccesses(webhookId, own))),
      );
    },
  };
}

const deliveryOf = (
  { event, position }: WebhookJob,
  state: DeliveryState,
  attempts: readonly WebhookAttempt[],
): WebhookDelivery => ({
  eventId: event.id,
  type: event.type,
  createdAt: event.createdAt,
  state,
  attempts,
  position,
});
