import { defined } from '../../shared/base/defined.ts';
import type { JobQueue } from '../../shared/base/job-queue.ts';
import type { Clock, Log } from '../../shared/base/ports.ts';
import type { WebhookJob } from '../../shared/webhooks/contract/webhook-job.ts';
import { CALL_LIMIT_MS } from '../../shared/webhooks/webhook-call.ts';
import {
  admitCall,
  afterSilence,
  type Moment,
  type Probe,
  takeProbe,
  type WebhookHealth,
  type WebhookHealths,
} from '../../shared/webhooks/webhook-health.ts';
import { type Attempt, type CallDeps, callEndpoint } from './call-endpoint.ts';
import type { KnownWebhooks } from './known-webhooks.ts';
import { type SettleDeps, settleAttempt } from './settle-attempt.ts';

interface WebhookQueues {
  readonly quick: Pick<JobQueue<WebhookJob>, 'enqueue'>;
  readonly slow: Pick<JobQueue<WebhookJob>, 'enqueue'>;
}

interface DeliverEventDeps extends CallDeps, Omit<SettleDeps, 'slowQueue'> {
  readonly webhooks: KnownWebhooks;
  readonly health: WebhookHealths;
  readonly queues: WebhookQueues;
  /** 0 to 1, by chance. */
  readonly jitter: () => number;
  readonly clock: Clock;
  readonly log: Pick<Log, 'info' | 'error'>;
}

/** A call, and what is written after it. */
const ATTEMPT_MS = CALL_LIMIT_MS + 10_000;

/** Hands one event to its endpoint, or puts it where it waits for its turn. */
export function createDeliverEvent(deps: DeliverEventDeps) {
  const settleDeps = { ...deps, slowQueue: deps.queues.slow };

  return async (job: WebhookJob, { remainingMs }: { readonly remainingMs: () => number }): Promise<void> => {
    const webhook = await deps.webhooks.get(job.tenant, job.webhookId);
    if (webhook === undefined) {
      deps.log.info('webhook_deleted', { webhookId: job.webhookId, eventId: job.event.id });
      return;
    }
    if (webhook.status === 'disabled') return deps.records.failed(job);

    if (remainingMs() < ATTEMPT_MS) return deps.queues[job.queue].enqueue(job);

    const turn = await takeTurn(job, deps);
    if (turn === undefined) return;
    const attempt = await callEndpoint(job, webhook, deps);
    if (isSilence(job, attempt)) return leaveToSlowQueue(job, deps);
    await settleAttempt(job, webhook, { ...attempt, ...turn }, settleDeps);
  };
}

/** It was not given the time of an attempt, and so has not failed one. */
const isSilence = ({ queue }: WebhookJob, { outcome }: Attempt): boolean =>
  queue === 'quick' && outcome.kind === 'failed' && outcome.isLate === true;

/** Whoever is silent is in nobody's way any more: it is slow from now on, and called again where it may take its time. */
async function leaveToSlowQueue(
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

/** Undefined where the job is in the queue that it waits in. */
async function takeTurn(
  job: WebhookJob,
  { health, queues, jitter, clock }: DeliverEventDeps,
): Promise<{ readonly probe?: Probe } | undefined> {
  const moment: Moment = { nowEpochMs: clock.nowEpochMs(), jitter: jitter() };
  const admission = admitCall(await health.find(job.webhookId), job.queue, moment);
  const turn =
    admission.kind === 'probe'
      ? await health.change(job.webhookId, (known) => takeProbe(known, moment))
      : admission;
  switch (turn.kind) {
    case 'call':
      return defined({ probe: turn.probe });
    case 'hand-over':
      await queues.slow.enqueue({ ...job, queue: 'slow' });
      return undefined;
    case 'wait':
      await queues.slow.enqueue({ ...job, queue: 'slow', waits: job.waits + 1 }, turn.delaySeconds);
      return undefined;
  }
}
