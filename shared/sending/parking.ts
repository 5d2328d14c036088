import { MS_PER_DAY, MS_PER_HOUR } from '../base/durations.ts';
import { delaySecondsUntil, isWithinDelay, MAX_DELAY_SECONDS } from '../base/queue-delay.ts';
import type { Message } from '../messages/message.ts';
import { createdAtEpochMsOf } from '../messages/message-bucket.ts';
import { dueAtEpochMsOf, type Timed } from '../messages/retry-schedule.ts';
import { isEnded } from './claim-decision.ts';

/** How a job comes back that may not go on: as a delayed copy in its queue, or as a due row. */
export type Wait =
  | { readonly kind: 'copy'; readonly delaySeconds: number; readonly reason: string }
  | { readonly kind: 'park'; readonly untilEpochMs: number; readonly reason: string };

/** So long a job waits by copies in the queue; each costs three requests, and the sweep would take it for stuck. */
const COPIES_FOR_MS = MS_PER_HOUR;
/** And then as a due row, for so long at a time: what it waits for may be over before that. */
const PARKED_FOR_MS = 30 * 60_000;
const SHORTEST_COPY_SECONDS = 5;
/** Objects are kept for 15 days at the least (`infra/constructs/messages/message-store.ts`). */
export const LONGEST_HOLD_MS = 14 * MS_PER_DAY;

/** Looks again after half the time that the pause has lasted: soon after a short one, seldom in a long one. */
export function waitForPause(reason: string, sinceEpochMs: number | undefined, nowEpochMs: number): Wait {
  const pausedForMs = Math.max(0, nowEpochMs - (sinceEpochMs ?? 0));
  if (pausedForMs >= COPIES_FOR_MS) {
    return { kind: 'park', untilEpochMs: nowEpochMs + PARKED_FOR_MS, reason };
  }
  const half = Math.ceil(pausedForMs / 2000);
  const delaySeconds = Math.min(MAX_DELAY_SECONDS, Math.max(SHORTEST_COPY_SECONDS, half));
  return { kind: 'copy', delaySeconds, reason };
}

/** For a slot in the rate: a backlog that is longer than an hour waits outside of the queue, and its age begins anew. */
export function waitForPace(
  job: Timed,
  { delaySeconds, reason }: { readonly delaySeconds: number; readonly reason: string },
  nowEpochMs: number,
): Wait {
  if (nowEpochMs - dueAtEpochMsOf(job) < COPIES_FOR_MS) return { kind: 'copy', delaySeconds, reason };
  return { kind: 'park', untilEpochMs: nowEpochMs + PARKED_FOR_MS, reason };
}

/** For a moment that is known. */
export function waitUntil(epochMs: number, nowEpochMs: number, reason: string): Wait {
  return isWithinDelay(epochMs, nowEpochMs)
    ? { kind: 'copy', delaySeconds: delaySecondsUntil(epochMs, nowEpochMs), reason }
    : { kind: 'park', untilEpochMs: epochMs, reason };
}

type ParkDecision =
  | { readonly kind: 'park' }
  /** It has its end, another time, or another job that is parked for it: this one is a leftover. */
  | { readonly kind: 'drop' }
  /** Somebody is at it, or its time has not come. */
  | { readonly kind: 'copy' }
  | { readonly kind: 'give-up' };

/** What becomes of a job that is to be parked, by the row that it finds. */
export function decidePark(message: Message, job: Timed, nowEpochMs: number): ParkDecision {
  const { status, scheduledAtEpochMs, parkedUntilEpochMs = 0 } = message;
  const isParkedElsewhere = parkedUntilEpochMs > nowEpochMs && parkedUntilEpochMs !== job.parkedUntilEpochMs;
  if (isEnded(message) || isParkedElsewhere) return { kind: 'drop' };
  if (status === 'scheduled' && scheduledAtEpochMs !== job.scheduledAtEpochMs) return { kind: 'drop' };
  const isWaiting =
    status === 'accepted' || (status === 'scheduled' && (scheduledAtEpochMs ?? 0) <= nowEpochMs);
  if (!isWaiting) return { kind: 'copy' };
  const firstDueEpochMs = scheduledAtEpochMs ?? createdAtEpochMsOf(message.messageId);
  return { kind: nowEpochMs - firstDueEpochMs >= LONGEST_HOLD_MS ? 'give-up' : 'park' };
}
