import { createdAtEpochMsOf } from './message-bucket.ts';

/** SQS delays a message by at most 15 minutes. */
export const MAX_DELAY_SECONDS = 900;

export const LONGEST_HOLD_SECONDS = 120;

/**
 * A message of this age that nobody has claimed counts as left unqueued, and `sweep` queues it again. The function that
 * accepts is dead by then (28 s), and two minutes are promised.
 */
export const UNQUEUED_AFTER_SECONDS = 45;

const FIRST_DELAY_SECONDS = 2;
const GIVE_UP_AFTER_MS = 24 * 3_600_000;

/**
 * How long a message waits after a definite no: 2 s doubling to 900 s, half of it fixed and half by chance, so that what
 * was refused together does not come back together.
 * @param waits how often it has waited before
 * @param jitter 0 to 1, by chance
 */
export function backOffSeconds(waits: number, jitter: number): number {
  const delay = Math.min(MAX_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2 ** Math.min(waits, 20));
  return Math.max(1, Math.round(delay * (0.5 + jitter / 2)));
}

/** What says from when on a message is to be sent: its row, or a job for it. */
export interface Timed {
  readonly messageId: string;
  readonly scheduledAtEpochMs?: number;
  /** It was held back until then (`parking.ts`). */
  readonly parkedUntilEpochMs?: number;
}

/** When it was due: at once, unless it was scheduled or held back. Its age in our hands counts from here. */
export function dueAtEpochMsOf({ messageId, scheduledAtEpochMs, parkedUntilEpochMs }: Timed): number {
  return parkedUntilEpochMs ?? scheduledAtEpochMs ?? createdAtEpochMsOf(messageId);
}

/** A definite no is tried again until the message is a day overdue. */
export function isTooOldToTry(timed: Timed, nowEpochMs: number): boolean {
  return nowEpochMs - dueAtEpochMsOf(timed) >= GIVE_UP_AFTER_MS;
}

/** Whole seconds until a moment, rounded up so that nothing comes early, and no longer than SQS delays. */
export function delaySecondsUntil(epochMs: number, nowEpochMs: number): number {
  return Math.min(MAX_DELAY_SECONDS, Math.max(0, Math.ceil((epochMs - nowEpochMs) / 1000)));
}

/** Whether a delayed copy in a queue reaches as far; what is due later waits as a due row. */
export function isWithinDelay(epochMs: number, nowEpochMs: number): boolean {
  return epochMs - nowEpochMs <= MAX_DELAY_SECONDS * 1000;
}

/**
 * While a store is down: 5 s doubling to 2 minutes. Shorter than the wait before a resend, so that the proof that a
 * message was sent is recorded before anybody asks for it.
 */
export function holdSeconds(waits: number): number {
  return Math.min(LONGEST_HOLD_SECONDS, 5 * 2 ** Math.min(waits, 10));
}
