import { MAX_DELAY_SECONDS } from '../base/queue-delay.ts';
import type { Message } from '../messages/message.ts';
import type { MessageMove } from '../messages/ports.ts';
import type { StreamSettings } from '../streams/stream-settings.ts';

type RefusedClaim =
  /** The message has its end; the job is a leftover. */
  | { readonly kind: 'done' }
  /** The message was given another time, and another job with it. */
  | { readonly kind: 'moved' }
  /** Another worker is at it, its outcome is being waited for, or its time has not come. */
  | { readonly kind: 'wait'; readonly delaySeconds: number; readonly reason: WaitReason }
  /** The worker that had the lease is dead and may have sent it. */
  | { readonly kind: 'declare-unknown' }
  /** The wait for evidence is over: without any it is sent again after the first attempt, and given up after the second. */
  | { readonly kind: 'due'; readonly without: 'resend' | 'give-up' }
  /** The message became free in between. */
  | { readonly kind: 'again' };

type WaitReason = 'lease' | 'evidence' | 'schedule';

const RESENDABLE_ATTEMPT = 1;

interface RefusedJob {
  readonly nowEpochMs: number;
  readonly evidenceWaitMs: number;
  /** The time that the job was made for, if it was for one. */
  readonly scheduledAtEpochMs?: number | undefined;
}

/** Decides what to do with a job whose message could not be claimed. */
export function decideRefusedClaim(message: Message, job: RefusedJob): RefusedClaim {
  const { nowEpochMs, evidenceWaitMs } = job;
  switch (message.status) {
    case 'sent':
    case 'suppressed':
    case 'failed':
    case 'canceled':
      return { kind: 'done' };
    case 'accepted':
      return { kind: 'again' };
    case 'scheduled':
      return decideEarly(message.scheduledAtEpochMs ?? 0, job);
    case 'sending': {
      const leaseMs = (message.leaseUntilEpochMs ?? 0) - nowEpochMs;
      return leaseMs > 0 ? wait(leaseMs, 'lease') : { kind: 'declare-unknown' };
    }
    case 'unknown': {
      const waitMs = (message.unknownSinceEpochMs ?? 0) + evidenceWaitMs - nowEpochMs;
      if (waitMs > 0) return wait(waitMs, 'evidence');
      return { kind: 'due', without: message.attempt <= RESENDABLE_ATTEMPT ? 'resend' : 'give-up' };
    }
  }
}

/** A message that is moved has its due row or its job before the row says so: a job of another time is not needed. */
function decideEarly(dueEpochMs: number, { nowEpochMs, scheduledAtEpochMs }: RefusedJob): RefusedClaim {
  if (scheduledAtEpochMs !== undefined && scheduledAtEpochMs !== dueEpochMs) return { kind: 'moved' };
  return dueEpochMs > nowEpochMs ? wait(dueEpochMs - nowEpochMs, 'schedule') : { kind: 'again' };
}

/** Says that no job can do more for the message. */
export function isEnded({ status }: Pick<Message, 'status'>): boolean {
  return status === 'sent' || status === 'suppressed' || status === 'failed' || status === 'canceled';
}

/** Milliseconds that evidence is waited for before a resend; people wait for transactional mail. */
export function evidenceWaitMsOf({ kind }: Pick<StreamSettings, 'kind'>): number {
  return (kind === 'transactional' ? 5 : 15) * 60_000;
}

/**
 * Releases a claim after which nothing was sent; the attempt does not count. A resend that SES refused for now leaves the
 * first attempt as unknown as it was: taken for new, the message would be sent once more without a look at evidence that
 * came meanwhile. Its wait is over already, so the copy finds it due.
 */
export function releaseMove(
  { attempt }: Pick<Message, 'attempt'>,
  statusReason: string,
  { nowEpochMs, evidenceWaitMs }: { readonly nowEpochMs: number; readonly evidenceWaitMs: number },
): MessageMove {
  if (attempt <= 1) return { to: 'accepted', statusReason };
  const unknownSinceEpochMs = nowEpochMs - evidenceWaitMs;
  return { to: 'unknown', attempt: attempt - 1, statusReason, unknownSinceEpochMs };
}

function wait(ms: number, reason: WaitReason): RefusedClaim {
  return { kind: 'wait', delaySeconds: Math.min(MAX_DELAY_SECONDS, Math.ceil(ms / 1000)), reason };
}
