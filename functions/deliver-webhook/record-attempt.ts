import type { Change } from '../../shared/base/change.ts';
import type { JobQueue } from '../../shared/base/job-queue.ts';
import type { Clock, Log } from '../../shared/base/ports.ts';
import { delaySecondsUntil, isWithinDelay } from '../../shared/base/queue-delay.ts';
import type { DueRows } from '../../shared/scheduling/contract/due-rows.ts';
import type { WebhookJob } from '../../shared/webhooks/contract/webhook-job.ts';
import type { Webhook } from '../../shared/webhooks/webhook.ts';
import { isDelivered } from '../../shared/webhooks/webhook-call.ts';
import {
  afterFailure,
  afterSuccess,
  type Probe,
  type WebhookHealth,
  type WebhookHealths,
} from '../../shared/webhooks/webhook-health.ts';
import { decideAfterAttempt } from '../../shared/webhooks/webhook-schedule.ts';
import type { Attempt } from './call-endpoint.ts';
import type { KnownWebhooks } from './known-webhooks.ts';
import type { DeliveryRecords } from './record-delivery.ts';

export interface RecordAttemptDeps {
  readonly webhooks: Pick<KnownWebhooks, 'disable'>;
  readonly health: WebhookHealths;
  readonly records: Pick<DeliveryRecords, 'delivered' | 'pending' | 'failed'>;
  readonly slowQueue: Pick<JobQueue<WebhookJob>, 'enqueue'>;
  readonly dueRows: Pick<DueRows, 'put'>;
  /** A random number from 0 to 1. */
  readonly jitter: () => number;
  readonly clock: Clock;
  readonly log: Pick<Log, 'error'>;
}

/** Records an attempt and what follows from it: first for the endpoint, then for the event. */
export async function recordAttempt(
  job: WebhookJob,
  webhook: Webhook,
  attempt: Attempt & { readonly probe?: Probe },
  deps: RecordAttemptDeps,
): Promise<void> {
  const { outcome, record } = attempt;
  const nowEpochMs = deps.clock.nowEpochMs();
  const attempts = job.attempts + 1;
  const decision = decideAfterAttempt(outcome, { attempts, nowEpochMs, jitter: deps.jitter() });
  const isFailingTooLong = await reportHealth(job, attempt, deps);

  if (decision.kind === 'delivered') return deps.records.delivered(job, record);
  if (decision.kind === 'gone') await deps.webhooks.disable(webhook, 'gone');
  else if (isFailingTooLong) await deps.webhooks.disable(webhook, 'failing_for_5_days');
  else if (decision.kind === 'retry') return retryAt(decision.atEpochMs, job, attempt, deps);
  await deps.records.failed(job, record);
}

/**
 * Retries at a time. The next attempt is on its way before anything is said about this one, so that no
 * failure in between loses it.
 */
async function retryAt(
  atEpochMs: number,
  job: WebhookJob,
  { record }: Attempt,
  { slowQueue, dueRows, records, clock }: RecordAttemptDeps,
): Promise<void> {
  const next: WebhookJob = { ...job, attempts: job.attempts + 1, queue: 'slow', waits: 0 };
  const nowEpochMs = clock.nowEpochMs();
  if (isWithinDelay(atEpochMs, nowEpochMs)) {
    await slowQueue.enqueue(next, delaySecondsUntil(atEpochMs, nowEpochMs));
  } else {
    await dueRows.put([{ dueEpochMs: atEpochMs, work: { queue: 'webhook', job: next } }]);
  }
  await records.pending(job, record, atEpochMs);
}

/**
 * Reports an attempt to the endpoint's health. For an endpoint that works nothing is read or written but what
 * is remembered. The event does not wait for a report that failed.
 * @returns whether nothing has got through for five days
 */
async function reportHealth(
  { webhookId }: WebhookJob,
  { outcome, tookMs, probe }: Attempt & { readonly probe?: Probe },
  { health, clock, log }: RecordAttemptDeps,
): Promise<boolean> {
  const nowEpochMs = clock.nowEpochMs();
  const decide = (known: WebhookHealth): Change<WebhookHealth, boolean | undefined> =>
    isDelivered(outcome)
      ? afterSuccess(known, { tookMs, nowEpochMs })
      : afterFailure(known, nowEpochMs, probe);
  try {
    const isNews = decide(await health.find(webhookId)).state !== undefined;
    return (isNews ? await health.change(webhookId, decide) : undefined) ?? false;
  } catch (error) {
    log.error('health_not_recorded', { webhookId, error });
    return false;
  }
}
