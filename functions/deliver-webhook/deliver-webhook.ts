import type { JobQueue } from '../../shared/base/job-queue.ts';
import type { Log } from '../../shared/base/ports.ts';
import { outageWaitSeconds } from '../../shared/base/queue-delay.ts';
import type { ReplayJob, WebhookJob, WebhookQueueJob } from '../../shared/webhooks/contract/webhook-job.ts';

interface RecordTime {
  readonly remainingMs: () => number;
}

interface DeliverWebhookDeps {
  readonly deliverEvent: (job: WebhookJob, time: RecordTime) => Promise<void>;
  readonly replayEvents: (job: ReplayJob) => Promise<void>;
  readonly queues: Readonly<Record<'quick' | 'slow', Pick<JobQueue<WebhookQueueJob>, 'enqueue'>>>;
  /**
   * Tells whether an error means that a store cannot be used at the moment, so that waiting is all that
   * helps.
   */
  readonly isOutage: (error: unknown) => boolean;
  readonly log: Pick<Log, 'error'>;
}

/**
 * Works one job. While a store is down it waits as a copy of itself, which never counts towards the dead-letter queue;
 * if its endpoint was called by then, it is called again.
 */
export function createDeliverWebhook(deps: DeliverWebhookDeps) {
  return async (job: WebhookQueueJob, time: RecordTime): Promise<void> => {
    try {
      await (job.kind === 'replay' ? deps.replayEvents(job) : deps.deliverEvent(job, time));
    } catch (error) {
      if (!deps.isOutage(error)) throw error;
      await deps.queues[job.queue].enqueue({ ...job, waits: job.waits + 1 }, outageWaitSeconds(job.waits));
      deps.log.error('webhook_requeued', { webhookId: job.webhookId, waits: job.waits + 1, error });
    }
  };
}
