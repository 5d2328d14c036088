import type { Message } from './message.ts';
import { MAX_DELAY_SECONDS } from './retry-schedule.ts';

export type RefusedClaim =
  /** It has its end; the job is a leftover. */
  | { readonly kind: 'done' }
  /** Somebody is at it, or its outcome is being waited for. */
  | { readonly kind: 'wait'; readonly delaySeconds: number; readonly reason: 'lease' | 'evidence' }
  /** Whoever held the lease is dead and may have sent it. */
  | { readonly kind: 'declare-unknown' }
  /** The wait for evidence is over: without any it is sent again after the first attempt, and given up after the second. */
  | { readonly kind: 'due'; readonly without: 'resend' | 'give-up' }
  /** It became free in between. */
  | { readonly kind: 'again' };

const RESENDABLE_ATTEMPT = 1;

/** What to do with a job whose message could not be claimed. */
export function decideRefusedClaim(
  message: Message,
  { nowEpochMs, evidenceWaitMs }: { readonly nowEpochMs: number; readonly evidenceWaitMs: number },
): RefusedClaim {
  switch (message.status) {
    case 'sent':
    case 'suppressed':
    case 'failed':
      return { kind: 'done' };
    case 'accepted':
      return { kind: 'again' };
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

/** No job can do more for a message in such a state. */
export function isEnded({ status }: Pick<Message, 'status'>): boolean {
  return status === 'sent' || status === 'suppressed' || status === 'failed';
}

/** How long evidence is waited for before a resend; people wait for transactional mail. */
export function evidenceWaitMsOf(streamKind: string): number {
  return (streamKind === 'transactional' ? 5 : 15) * 60_000;
}

function wait(ms: number, reason: 'lease' | 'evidence'): RefusedClaim {
  return { kind: 'wait', delaySeconds: Math.min(MAX_DELAY_SECONDS, Math.ceil(ms / 1000)), reason };
}
