import type { WebhookJob } from '../../shared/contract/webhook-job.ts';
import { webhookBodyOf } from '../../shared/contract/webhook-payload.ts';
import type { Clock, Ids, Log } from '../../shared/domain/ports.ts';
import type { Webhook } from '../../shared/domain/webhook.ts';
import type { CallOutcome, WebhookCaller } from '../../shared/domain/webhook-call.ts';
import { afterSilence, QUICK_MS, type WebhookHealths } from '../../shared/domain/webhook-health.ts';
import type { WebhookAttempt } from '../../shared/domain/webhook-ports.ts';
import { signedHeaders } from '../../shared/domain/webhook-signature.ts';

export interface CallDeps {
  readonly caller: WebhookCaller;
  readonly health: Pick<WebhookHealths, 'change'>;
  /** Rejects once the signal says so. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<unknown>;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly log: Pick<Log, 'error'>;
}

export interface Attempt {
  readonly outcome: CallOutcome;
  readonly tookMs: number;
  readonly record: WebhookAttempt;
}

/** One attempt, signed at its time. What is known of the endpoint changes while it is waited for, where it is silent. */
export async function callEndpoint(job: WebhookJob, webhook: Webhook, deps: CallDeps): Promise<Attempt> {
  const startedAtEpochMs = deps.clock.nowEpochMs();
  const attemptId = deps.ids.next();
  const body = webhookBodyOf(job.event);
  const { endpoint, secrets } = webhook;
  const headers = signedHeaders({ id: job.event.id, body, secrets, nowEpochMs: startedAtEpochMs });

  const answered = new AbortController();
  const watch = job.lane === 'quick' ? watchSilence(job, answered.signal, deps) : undefined;
  const outcome = await deps.caller.call({ endpoint, headers, body });
  answered.abort();
  await watch;

  return {
    outcome,
    tookMs: deps.clock.nowEpochMs() - startedAtEpochMs,
    record: { attemptId, ...toldOf(outcome), sentAt: new Date(startedAtEpochMs).toISOString() },
  };
}

/** Whoever is silent is not called from the quick queue any more, long before its call has ended. */
async function watchSilence(
  { webhookId }: WebhookJob,
  answered: AbortSignal,
  { sleep, health, log }: CallDeps,
): Promise<void> {
  const isSilent = await sleep(QUICK_MS, answered).then(
    () => !answered.aborted,
    () => false,
  );
  if (!isSilent) return;
  await health.change(webhookId, afterSilence).catch((error: unknown) => {
    log.error('silence_not_recorded', { webhookId, error });
  });
}

const toldOf = (outcome: CallOutcome): Pick<WebhookAttempt, 'httpStatusCode' | 'response'> =>
  outcome.kind === 'answered'
    ? { httpStatusCode: outcome.status, response: outcome.body }
    : { httpStatusCode: 0, response: outcome.reason };
