import { MS_PER_DAY, MS_PER_HOUR } from '../base/durations.ts';
import { delaySecondsUntil, isWithinDelay, MAX_DELAY_SECONDS } from '../base/queue-delay.ts';
import type { Message } from '../messages/message.ts';
import { createdAtEpochMsOf } from '../messages/message-bucket.ts';
import { dueAtEpochMsOf, type Timed } from '../messages/retry-schedule.ts';
import { isEnded } from './claim-decision.ts';

/** Way in which a job that may not go on comes back: as a delayed copy in its queue, or as a due row. */
type Wait =
  | { readonly kind: 'requeue'; readonly delaySeconds: number; readonly reason: string }
  | { readonly kind: 'defer'; readonly untilEpochMs: number; readonly reason: string };

/**
 * Time that a job waits by copies in the queue; each costs three requests, and the sweep would take it for
 * stuck.
 */
const COPIES_FOR_MS = MS_PER_HOUR;
/** Time that it then waits as a due row, again and again: what it waits for may be over before that. */
const DEFERRED_FOR_MS = 30 * 60_000;
const SHORTEST_COPY_SECONDS = 5;
/** Objects are kept for 15 days at the least (`infra/constructs/messages/message-store.ts`). */
export const LONGEST_DEFERRAL_MS = 14 * MS_PER_DAY;

/** Looks again after half the time that the pause has lasted: soon after a short one, seldom in a long one. */
export function waitForPause(reason: string, sinceEpochMs: number | undefined, nowEpochMs: number): Wait {
  const pausedForMs = Math.max(0, nowEpochMs - (sinceEpochMs ?? 0));
  if (pausedForMs >= COPIES_FOR_MS) {
    return { kind: 'defer', untilEpochMs: nowEpochMs + DEFERRED_FOR_MS, reason };
  }
  const half = Math.ceil(pausedForMs / 2000);
  const delaySeconds = Math.min(MAX_DELAY_SECONDS, Math.max(SHORTEST_COPY_SECONDS, half));
  return { kind: 'requeue', delaySeconds, reason };
}

/** Waits for a slot in the rate: a backlog of over an hour waits outside of the queue, and its age begins anew. */
export function waitForPace(
  job: Timed,
  { delaySeconds, reason }: { readonly delaySeconds: number; readonly reason: string },
  nowEpochMs: number,
): Wait {
  if (nowEpochMs - dueAtEpochMsOf(job) < COPIES_FOR_MS) return { kind: 'requeue', delaySeconds, reason };
  return { kind: 'defer', untilEpochMs: nowEpochMs + DEFERRED_FOR_MS, reason };
}

/** Waits for a moment that is known. */
export function waitUntil(epochMs: number, nowEpochMs: number, reason: string): Wait {
  return isWithinDelay(epochMs, nowEpochMs)
    ? { kind: 'requeue', delaySeconds: delaySecondsUntil(epochMs, nowEpochMs), reason }
    : { kind: 'defer', untilEpochMs: epochMs, reason };
}

type DeferralDecision =
  | { readonly kind: 'defer' }
  /**
   * The message has its end, another time, or another job that is deferred for it: this one is a leftover.
   */
  | { readonly kind: 'drop' }
  /** Another worker is at it, or its time has not come. */
  | { readonly kind: 'requeue' }
  | { readonly kind: 'give-up' };

/** Decides by the row what becomes of a job that is to be deferred. */
export function decideDeferral(message: Message, job: Timed, nowEpochMs: number): DeferralDecision {
  const { status, scheduledAtEpochMs, deferredUntilEpochMs = 0 } = message;
  const hasOtherJob = deferredUntilEpochMs > nowEpochMs && deferredUntilEpochMs !== job.deferredUntilEpochMs;
  if (isEnded(message) || hasOtherJob) return { kind: 'drop' };
  if (status === 'scheduled' && scheduledAtEpochMs !== job.scheduledAtEpochMs) return { kind: 'drop' };
  const isWaiting =
    status === 'accepted' || (status === 'scheduled' && (scheduledAtEpochMs ?? 0) <= nowEpochMs);
  if (!isWaiting) return { kind: 'requeue' };
  const firstDueEpochMs = scheduledAtEpochMs ?? createdAtEpochMsOf(message.messageId);
  return { kind: nowEpochMs - firstDueEpochMs >= LONGEST_DEFERRAL_MS ? 'give-up' : 'defer' };
}
