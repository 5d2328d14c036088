import { createdAtEpochMsOf } from './message-bucket.ts';

/** SQS delays a message by at most 15 minutes. */
export const MAX_DELAY_SECONDS = 900;

export const LONGEST_HOLD_SECONDS = 120;

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

/** A definite no is tried again until the message is a day old. */
export function isTooOldToTry(messageId: string, nowEpochMs: number): boolean {
  return nowEpochMs - createdAtEpochMsOf(messageId) >= GIVE_UP_AFTER_MS;
}

/**
 * While a store is down: 5 s doubling to 2 minutes. Shorter than the wait before a resend, so that the proof that a
 * message was sent is recorded before anybody asks for it.
 */
export function holdSeconds(waits: number): number {
  return Math.min(LONGEST_HOLD_SECONDS, 5 * 2 ** Math.min(waits, 10));
}
