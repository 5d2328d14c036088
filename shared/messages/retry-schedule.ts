import { MS_PER_DAY } from '../base/durations.ts';
import { createdAtEpochMsOf } from './message-bucket.ts';

/**
 * A message of this age that no worker has claimed counts as left unqueued, and `sweep` queues it again. The function that
 * accepts is dead by then (28 s), and two minutes are promised.
 */
export const UNQUEUED_AFTER_SECONDS = 45;

const GIVE_UP_AFTER_MS = MS_PER_DAY;

/** Part that says from when on a message is to be sent: its row, or a job for it. */
export interface Timed {
  readonly messageId: string;
  readonly scheduledAtEpochMs?: number;
  /** Time until which it was deferred (`shared/sending/deferral.ts`). */
  readonly deferredUntilEpochMs?: number;
}

/**
 * Time at which it was due: at once, unless it was scheduled or deferred. Its age in our hands counts from
 * here.
 */
export function dueAtEpochMsOf({ messageId, scheduledAtEpochMs, deferredUntilEpochMs }: Timed): number {
  return deferredUntilEpochMs ?? scheduledAtEpochMs ?? createdAtEpochMsOf(messageId);
}

/** Tells whether a message is too old: a definite no is tried again until it is a day overdue. */
export function isTooOldToTry(timed: Timed, nowEpochMs: number): boolean {
  return nowEpochMs - dueAtEpochMsOf(timed) >= GIVE_UP_AFTER_MS;
}
