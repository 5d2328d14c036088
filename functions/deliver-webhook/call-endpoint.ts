import type { Clock, Ids } from '../../shared/base/ports.ts';
import type { WebhookJob } from '../../shared/webhooks/contract/webhook-job.ts';
import { webhookBodyOf } from '../../shared/webhooks/contract/webhook-payload.ts';
import type { WebhookAttempt } from '../../shared/webhooks/ports.ts';
import type { Webhook } from '../../shared/webhooks/webhook.ts';
import { CALL_LIMIT_MS, type CallOutcome, type WebhookCaller } from '../../shared/webhooks/webhook-call.ts';
import { QUICK_MS } from '../../shared/webhooks/webhook-health.ts';
import { signedHeaders } from '../../shared/webhooks/webhook-signature.ts';

export interface CallDeps {
  readonly caller: WebhookCaller;
  readonly ids: Ids;
  readonly clock: Clock;
}

export interface Attempt {
  readonly outcome: CallOutcome;
  readonly tookMs: number;
  readonly record: WebhookAttempt;
}

/** Makes one attempt, signed at its time. An endpoint of the quick queue has as long as quick ones take. */
export async function callEndpoint(job: WebhookJob, webhook: Webhook, deps: CallDeps): Promise<Attempt> {
  const startedAtEpochMs = deps.clock.nowEpochMs();
  const attemptId = deps.ids.next();
  const body = webhookBodyOf(job.event);
  const { endpoint, secrets } = webhook;
  const headers = signedHeaders({ id: job.event.id, body, secrets, nowEpochMs: startedAtEpochMs });
  const timeLimitMs = job.queue === 'quick' ? QUICK_MS : CALL_LIMIT_MS;
  const outcome = await deps.caller.call({ endpoint, headers, body, timeLimitMs });

  return {
    outcome,
    tookMs: deps.clock.nowEpochMs() - startedAtEpochMs,
    record: { attemptId, ...toldOf(outcome), sentAt: new Date(startedAtEpochMs).toISOString() },
  };
}

const toldOf = (outcome: CallOutcome): Pick<WebhookAttempt, 'httpStatusCode' | 'response'> =>
  outcome.kind === 'answered'
    ? { httpStatusCode: outcome.status, response: outcome.body }
    : { httpStatusCode: 0, response: outcome.reason };
