import { SECONDS_PER_DAY } from '../base/durations.ts';
import type { Message } from './message.ts';

/** Days that content is kept that is there only until its mail is sent: longer than the longest retry. */
const TRANSIT_DAYS = 3;

export interface Retention {
  /** Times of the row. */
  readonly row: Pick<Message, 'contentKeptUntilEpochSeconds'> & { readonly expiresAtEpochSeconds: number };
  readonly contentExpiresAtEpochSeconds: number;
}

/**
 * Times until which a mail is kept that is due at a time, and its content; 0 days of content keep it until
 * the mail is sent.
 */
export function retentionOf(
  dueEpochMs: number,
  { keepDays, messageKeepDays }: { readonly keepDays: number; readonly messageKeepDays: number },
): Retention {
  const keptUntil = { contentKeptUntilEpochSeconds: expiryAfterDays(dueEpochMs, keepDays) };
  return {
    row: {
      expiresAtEpochSeconds: expiryAfterDays(dueEpochMs, Math.max(messageKeepDays, keepDays)),
      ...(keepDays > 0 ? keptUntil : {}),
    },
    contentExpiresAtEpochSeconds: expiryAfterDays(dueEpochMs, Math.max(keepDays, TRANSIT_DAYS)),
  };
}

/** Days that counters are kept: a year, and some weeks to compare it with the one before. */
export const COUNTERS_KEPT_DAYS = 400;

/** Days that a fence is kept. A put that is still under way then belongs to a process that is long dead. */
export const FENCE_DAYS = 1;

/**
 * Days that a batch record is kept: long enough for every sweep to see how a batch ended, and past the last
 * age at which a message is queued.
 */
export const BATCH_RECORD_DAYS = 3;

export const expiryAfterDays = (epochMs: number, days: number): number =>
  Math.floor(epochMs / 1000) + days * SECONDS_PER_DAY;

/** Tells whether a row has expired by its own time: DynamoDB removes an expired row some time later. */
export const isExpired = (
  { expiresAtEpochSeconds }: Pick<Message, 'expiresAtEpochSeconds'>,
  nowEpochMs: number,
): boolean => expiresAtEpochSeconds * 1000 <= nowEpochMs;
