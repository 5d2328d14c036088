import type { Clock, Ids, Log } from '../../shared/base/ports.ts';
import { LONGEST_HOLD_SECONDS } from '../../shared/base/queue-delay.ts';
import type { SendJob } from '../../shared/messages/contract/queue-body.ts';
import type { Message } from '../../shared/messages/message.ts';
import type { Messages } from '../../shared/messages/ports.ts';
import { decideRefusedClaim, evidenceWaitMsOf } from '../../shared/sending/claim-decision.ts';
import { evidenceOf } from '../../shared/sending/sent-evidence.ts';
import type { Streams } from '../../shared/streams/stream.ts';

export interface ClaimDeps {
  readonly messages: Pick<Messages, 'claim' | 'advance' | 'getTimeline'>;
  /** Longer than the function may run: a process that still lives always holds its lease. */
  readonly leaseMs: number;
  readonly streams: Streams;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly log: Log;
}

export type Claim =
  | { readonly kind: 'claimed'; readonly message: Message }
  /** Nothing left to do for this job; the row it found settled, if it did. */
  | { readonly kind: 'done'; readonly message?: Message }
  /** A copy of the job is to come back then. */
  | { readonly kind: 'wait'; readonly delaySeconds: number };

/** The row changed between two looks at it; soon enough it will have settled. */
const LOOK_AGAIN: Claim = { kind: 'wait', delaySeconds: 2 };

/** After an outage the events that were held come back within this time, and their proof with them. */
const EVENTS_RETURN_SECONDS = 2 * LONGEST_HOLD_SECONDS;

/** Takes the message for one attempt, or says what is to become of the job. */
export async function claimMessage(job: SendJob, deps: ClaimDeps): Promise<Claim> {
  const answer = await tryClaim(job, deps, { resendUnknown: false });
  if (answer.kind === 'claimed') return answer;
  if (answer.kind === 'absent') {
    deps.log.warn('job_without_message', { messageId: job.messageId });
    deps.log.count('JobsWithoutMessage', 1);
    return { kind: 'done' };
  }
  const nowEpochMs = deps.clock.nowEpochMs();
  const evidenceWaitMs = evidenceWaitMsOf(deps.streams.byName(job.stream));
  const { scheduledAtEpochMs } = job;
  const decision = decideRefusedClaim(answer.message, { nowEpochMs, evidenceWaitMs, scheduledAtEpochMs });
  switch (decision.kind) {
    case 'done':
      return { kind: 'done', message: answer.message };
    case 'moved':
      return { kind: 'done' };
    case 'wait':
      return { kind: 'wait', delaySeconds: decision.delaySeconds };
    case 'again':
      return LOOK_AGAIN;
    case 'declare-unknown':
      return declareUnknown(answer.message, deps);
    case 'due':
      if (job.held) return { kind: 'wait', delaySeconds: EVENTS_RETURN_SECONDS };
      return settleDue(job, decision.without, deps);
  }
}

function tryClaim(
  { tenant, messageId }: SendJob,
  deps: ClaimDeps,
  { resendUnknown }: { resendUnknown: boolean },
) {
  const nowEpochMs = deps.clock.nowEpochMs();
  const leaseUntilEpochMs = nowEpochMs + deps.leaseMs;
  const claimId = deps.ids.next();
  return deps.messages.claim(tenant, messageId, { claimId, nowEpochMs, leaseUntilEpochMs, resendUnknown });
}

async function declareUnknown(
  message: Message,
  { messages, clock, streams, log }: ClaimDeps,
): Promise<Claim> {
  const isOurs = await messages.advance(message.tenant, message.messageId, message, {
    to: 'unknown',
    statusReason: 'lease_expired',
    unknownSinceEpochMs: clock.nowEpochMs(),
  });
  if (!isOurs) return LOOK_AGAIN;
  log.warn('lease_expired', { messageId: message.messageId, attempt: message.attempt });
  log.count('OutcomesUnknown', 1);
  const evidenceWaitMs = evidenceWaitMsOf(streams.byName(message.stream));
  return { kind: 'wait', delaySeconds: Math.ceil(evidenceWaitMs / 1000) };
}

/** Facts come without a look at the row, so that the proof may stand in the timeline alone. */
async function settleDue(job: SendJob, without: 'resend' | 'give-up', deps: ClaimDeps): Promise<Claim> {
  const { messages, log } = deps;
  const timeline = await messages.getTimeline(job.tenant, job.messageId);
  if (timeline?.message.status !== 'unknown') return LOOK_AGAIN;
  const { message, facts } = timeline;

  const proof = evidenceOf(facts);
  if (proof !== undefined) {
    const move = {
      to: 'sent',
      sesMessageId: proof.sesMessageId,
      sentAtEpochMs: Date.parse(proof.occurredAt),
      suppressedRecipients: message.suppressedRecipients ?? [],
    } as const;
    return (await messages.advance(job.tenant, job.messageId, message, move))
      ? { kind: 'done', message }
      : LOOK_AGAIN;
  }
  if (without === 'resend') {
    log.warn('resend_after_unknown', { messageId: job.messageId });
    log.count('ResendsAfterUnknown', 1);
    const answer = await tryClaim(job, deps, { resendUnknown: true });
    return answer.kind === 'claimed' ? answer : LOOK_AGAIN;
  }
  const endedAtEpochMs = deps.clock.nowEpochMs();
  const move = { to: 'failed', statusReason: 'outcome_unknown', endedAtEpochMs } as const;
  if (!(await messages.advance(job.tenant, job.messageId, message, move))) return LOOK_AGAIN;
  log.warn('outcome_unknown', { messageId: job.messageId });
  log.count('MessagesFailed', 1);
  return { kind: 'done', message };
}
