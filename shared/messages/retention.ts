import type { Message } from './message.ts';

/** Content that is there only until its mail is sent: longer than the longest retry. */
const TRANSIT_DAYS = 3;

export interface Retention {
  /** Of the row. */
  readonly row: Pick<Message, 'contentKeptUntilEpochSeconds'> & { readonly expiresAtEpochSeconds: number };
  readonly contentExpiresAtEpochSeconds: number;
}

/** Until when a mail is kept that is due at a time, and its content; 0 days of content keep it until the mail is sent. */
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

/** A year, and some weeks to compare it with the one before. */
export const COUNTERS_KEPT_DAYS = 400;

export const expiryAfterDays = (epochMs: number, days: number): number =>
  Math.floor(epochMs / 1000) + days * 86_400;
