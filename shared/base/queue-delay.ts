/** Longest delay: SQS delays a message by at most 15 minutes. */
export const MAX_DELAY_SECONDS = 900;

export const LONGEST_OUTAGE_WAIT_SECONDS = 120;

const FIRST_DELAY_SECONDS = 2;

/**
 * Seconds that a message waits after a definite no: 2 s doubling to 900 s, half of it fixed and half by
 * chance, so that what was refused together does not come back together.
 * @param waits how often it has waited before
 * @param jitter 0 to 1, by chance
 */
export function backOffSeconds(waits: number, jitter: number): number {
  const delay = Math.min(MAX_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2 ** Math.min(waits, 20));
  return Math.max(1, Math.round(delay * (0.5 + jitter / 2)));
}

/** Whole seconds until a moment, rounded up so that nothing comes early, and no longer than SQS delays. */
export function delaySecondsUntil(epochMs: number, nowEpochMs: number): number {
  return Math.min(MAX_DELAY_SECONDS, Math.max(0, Math.ceil((epochMs - nowEpochMs) / 1000)));
}

/** Tells whether a delayed copy in a queue reaches as far; what is due later waits as a due row. */
export function isWithinDelay(epochMs: number, nowEpochMs: number): boolean {
  return epochMs - nowEpochMs <= MAX_DELAY_SECONDS * 1000;
}

/**
 * Seconds to wait while a store is down: 5 s doubling to 2 minutes. Shorter than the wait before a resend, so
 * that the proof that a message was sent is recorded before a worker asks for it.
 */
export function outageWaitSeconds(waits: number): number {
  return Math.min(LONGEST_OUTAGE_WAIT_SECONDS, 5 * 2 ** Math.min(waits, 10));
}
