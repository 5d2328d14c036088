/** The one place where a function reads the time. */
export const systemClock = {
  nowEpochMs: (): number => Date.now(),
} as const;
