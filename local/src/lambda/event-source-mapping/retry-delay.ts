const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 10_000;

/** Milliseconds that an event source waits after so many failures, the first counted as 0. */
export const retryDelay = (failures: number): number =>
  Math.min(FIRST_RETRY_MS * 2 ** failures, LONGEST_RETRY_MS);
