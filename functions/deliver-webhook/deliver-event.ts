import { defined } from '../../shared/base/defined.ts';
import type { JobQueue } from '../../shared/base/job-queue.ts';
import type { Clock, Log } from '../../shared/base/ports.ts';
import type { WebhookJob } from '../../shared/webhooks/contract/webhook-job.ts';
import { CALL_LIMIT_MS } from '../../shared/webhooks/webhook-call.ts';
import {
  admitCall,
  afterSilence,
  type Moment,
  type ProbeTurn,
  takeProbe,
  type UseSlowQueue,
  type WebhookHealth,
  type WebhookHealths,
} from '../../shared/webhooks/webhook-health.ts';
import { type Attempt, type CallDeps, callEndpoint } from './call-endpoint.ts';
import type { KnownWebhooks } from './known-webhooks.ts';
import { type RecordAttemptDeps, recordAttempt } from './record-attempt.ts';

interface WebhookQueues {
  readonly quick: Pick<JobQueue<WebhookJob>, 'enqueue'>;
  readonly slow: Pick<JobQueue<WebhookJob>, 'enqueue'>;
}

interface DeliverEventDeps extends CallDeps, Omit<RecordAttemptDeps, 'slowQueue'> {
  readonly webhooks: KnownWebhooks;
  readonly health: WebhookHealths;
  readonly queues: WebhookQueues;
  /** A random number from 0 to 1. */
  readonly jitter: () => number;
  readonly clock: Clock;
  readonly log: Pick<Log, 'info' | 'error'>;
}

/** Time for a call, and for what is written after it. */
const ATTEMPT_MS = CALL_LIMIT_MS + 10_000;

/** Delivers one event to its endpoint, or requeues it until its turn has come. */
export function createDeliverEvent(deps: DeliverEventDeps) {
  const recordDeps = { ...deps, slowQueue: deps.queues.slow };

  return async (job: WebhookJob, { remainingMs }: { readonly remainingMs: () => number }): Promise<void> => {
    const webhook = await deps.webhooks.get(job.tenant, job.webhookId);
    if (webhook === undefined) {
      deps.log.info('webhook_deleted', { webhookId: job.webhookId, eventId: job.event.id });
      return;
    }
    if (webhook.status === 'disabled') return deps.records.failed(job);

    if (remainingMs() < ATTEMPT_MS) return deps.queues[job.queue].enqueue(job);

    const turn = await takeTurn(job, deps);
    if (turn.kind !== 'call') return requeue(job, turn, deps);
    const attempt = await callEndpoint(job, webhook, deps);
    if (isSilence(job, attempt)) return callAgainAsSlow(job, deps);
    const { probe } = turn;
    await recordAttempt(job, webhook, { ...attempt, ...defined({ probe }) }, recordDeps);
  };
}

/**
 * Tells whether a quick endpoint was silent: it was not given the time of an attempt, and so has not failed
 * one.
 */
const isSilence = ({ queue }: WebhookJob, { outcome }: Attempt): boolean =>
  queue === 'quick' && outcome.kind === 'failed' && outcome.isLate === true;

/** A silent endpoint is in the way of others: it is slow from now on, and called again where it may take its time. */
async function callAgainAsSlow(
  job: WebhookJob,
  { health, queues, clock, log }: Pick<DeliverEventDeps, 'health' | 'queues' | 'clock' | 'log'>,
): Promise<void> {
  const { webhookId } = job;
  const fellSilent = (known: WebhookHealth) => afterSilence(known, clock.nowEpochMs());
  await health.change(webhookId, fellSilent).catch((error: unknown) => {
    log.error('silence_not_recorded', { webhookId, error });
  });
  await queues.slow.enqueue({ ...job, queue: 'slow' });
}

/** Asks whether the endpoint is called now; a probe belongs to the first of all jobs that ask for it. */
async function takeTurn(
  job: WebhookJob,
  { health, jitter, clock }: DeliverEventDeps,
): Promise<ProbeTurn | UseSlowQueue> {
  const moment: Moment = { nowEpochMs: clock.nowEpochMs(), jitter: jitter() };
  const admission = admitCall(await health.find(job.webhookId), job.queue, moment);
  return admission.kind === 'probe'
    ? health.change(job.webhookId, (known) => takeProbe(known, moment))
    : admission;
}

/** Requeues a job. One that waits does so in the queue of endpoints that are not quick. */
function requeue(
  job: WebhookJob,
  turn: Exclude<ProbeTurn | UseSlowQueue, { kind: 'call' }>,
  { queues }: DeliverEventDeps,
): Promise<void> {
  return turn.kind === 'wait'
    ? queues.slow.enqueue({ ...job, queue: 'slow', waits: job.waits + 1 }, turn.delaySeconds)
    : queues.slow.enqueue({ ...job, queue: 'slow' });
}
