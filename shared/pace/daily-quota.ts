import type { AccountReading } from './account-reading.ts';

/**
 * Recipients that were granted around the last reading. SES counts over 24 hours that slide; its number is a
 * minute old and may lag behind, so what was granted since the reading before it counts on top of it.
 */
export interface Granted {
  readonly readAtEpochMs: number;
  readonly sentLast24Hours: number;
  readonly recipientsBefore: number;
  readonly recipientsSince: number;
}

export const NOTHING_GRANTED: Granted = {
  readAtEpochMs: 0,
  sentLast24Hours: 0,
  recipientsBefore: 0,
  recipientsSince: 0,
};

/**
 * Turns the page where the reading is newer than the one that is kept; another worker's may be newer than
 * ours.
 */
export function withReading(granted: Granted, reading: AccountReading | undefined): Granted {
  if (reading === undefined || reading.readAtEpochMs <= granted.readAtEpochMs) return granted;
  const { readAtEpochMs, sentLast24Hours } = reading;
  return {
    readAtEpochMs,
    sentLast24Hours,
    recipientsBefore: granted.recipientsSince,
    recipientsSince: 0,
  };
}

/** Recipients that may still be granted; conservative, so that SES never refuses. */
export function quotaLeft(granted: Granted, max24HourSend: number): number {
  if (max24HourSend < 0) return Number.POSITIVE_INFINITY;
  const used = granted.sentLast24Hours + granted.recipientsBefore + granted.recipientsSince;
  return Math.max(0, max24HourSend - used);
}
