import { MS_PER_DAY } from './durations.ts';

/** Day of a moment in UTC, such as `2026-11-23`. */
export function dayOf(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 10);
}

export function nextDayEpochMs(nowEpochMs: number): number {
  return (Math.floor(nowEpochMs / MS_PER_DAY) + 1) * MS_PER_DAY;
}
