import type { Clock, Ids, Log } from '../../shared/base/ports.ts';
import { LONGEST_OUTAGE_WAIT_SECONDS } from '../../shared/base/queue-delay.ts';
import type { SendJob } from '../../shared/messages/contract/queue-body.ts';
import type { Message } from '../../shared/messages/message.ts';
import type { Messages } from '../../shared/messages/ports.ts';
import { decideRefusedClaim, evidenceWaitMsOf } from '../../shared/sending/claim-decision.ts';
import { evidenceOf } from '../../shared/sending/sent-evidence.ts';
import type { Streams } from '../../shared/streams/stream.ts';
import { type Exit, LOOK_AGAIN, type Requeue, type Step } from './exit.ts';

interface ClaimDeps {
  readonly messages: Pick<Messages, 'claim' | 'getTimeline'>;
  /** Longer than the function may run: a process that still lives always has its lease. */
  readonly leaseMs: number;
  readonly streams: Streams;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Claimed {
  readonly message: Message;
}

/** After an outage the events that waited come back within this time, and their proof with them. */
const EVENTS_RETURN_SECONDS = 2 * LONGEST_OUTAGE_WAIT_SECONDS;

/** Takes the message for one attempt, or says what is to become of the job. */
export function createClaimMessage(deps: ClaimDeps) {
  return async (job: SendJob): Promise<Step<Claimed>> => {
    const answer = await tryClaim(job, deps, { resendUnknown: false });
    switch (answer.kind) {
      case 'claimed':
        return { kind: 'send', message: answer.message };
      case 'absent':
        return {
          kind: 'done',
          reason: 'no_message',
          note: { level: 'warn', event: 'job_without_message', metric: 'JobsWithoutMessage' },
        };
      case 'refused':
        return afterRefusal(job, answer.message, deps);
    }
  };
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

async function afterRefusal(job: SendJob, message: Message, deps: ClaimDeps): Promise<Step<Claimed>> {
  const nowEpochMs = deps.clock.nowEpochMs();
  const evidenceWaitMs = evidenceWaitMsOf(deps.streams.byName(job.stream));
  const { scheduledAtEpochMs } = job;
  const decision = decideRefusedClaim(message, { nowEpochMs, evidenceWaitMs, scheduledAtEpochMs });
  switch (decision.kind) {
    case 'done':
      return { kind: 'done', reason: message.status, ended: message };
    case 'moved':
      return { kind: 'done', reason: 'moved' };
    case 'wait':
      return comeBack(decision.reason, decision.delaySeconds);
    case 'again':
      return lookAgain;
    case 'declare-unknown':
      return declareUnknown(message, nowEpochMs, deps);
    case 'due':
      if (job.waitedOutOutage) return comeBack('outage', EVENTS_RETURN_SECONDS);
      return resolveUnknown(job, decision.without, deps);
  }
}

/** The copy has waited in a queue that works, and the events that were behind in it have come. */
const comeBack = (reason: string, delaySeconds: number): Requeue => ({
  kind: 'requeue',
  reason,
  delaySeconds,
  changes: { waitedOutOutage: false },
});

const lookAgain = comeBack(LOOK_AGAIN.reason, LOOK_AGAIN.delaySeconds);

function declareUnknown(message: Message, nowEpochMs: number, { streams }: ClaimDeps): Exit {
  const evidenceWaitMs = evidenceWaitMsOf(streams.byName(message.stream));
  return {
    ...comeBack('lease_expired', Math.ceil(evidenceWaitMs / 1000)),
    row: {
      message,
      move: { to: 'unknown', statusReason: 'lease_expired', unknownSinceEpochMs: nowEpochMs },
    },
    note: {
      level: 'warn',
      event: 'lease_expired',
      fields: { attempt: message.attempt },
      metric: 'OutcomesUnknown',
    },
  };
}

/** Facts come without a look at the row, so that the proof may stand in the timeline alone. */
async function resolveUnknown(
  job: SendJob,
  without: 'resend' | 'give-up',
  deps: ClaimDeps,
): Promise<Step<Claimed>> {
  const timeline = await deps.messages.getTimeline(job.tenant, job.messageId);
  if (timeline?.message.status !== 'unknown') return lookAgain;
  const { message, facts } = timeline;

  const proof = evidenceOf(facts);
  if (proof !== undefined) {
    const move = {
      to: 'sent',
      sesMessageId: proof.sesMessageId,
      sentAtEpochMs: Date.parse(proof.occurredAt),
      suppressedRecipients: message.suppressedRecipients ?? [],
    } as const;
    return { kind: 'done', reason: 'sent', row: { message, move }, ended: message };
  }
  if (without === 'resend') return resend(job, deps);
  const note = { level: 'warn', event: 'outcome_unknown' } as const;
  return { kind: 'failed', reason: 'outcome_unknown', message, note };
}

async function resend(job: SendJob, deps: ClaimDeps): Promise<Step<Claimed>> {
  deps.log.warn('resend_after_unknown', { messageId: job.messageId });
  deps.log.count('ResendsAfterUnknown', 1);
  const answer = await tryClaim(job, deps, { resendUnknown: true });
  return answer.kind === 'claimed' ? { kind: 'send', message: answer.message } : lookAgain;
}
