import { invalidField } from '../../base/contract/errors.ts';
import { readIsoTime } from '../../base/contract/iso-time.ts';
import { MS_PER_DAY } from '../../base/durations.ts';
import { MAX_SCHEDULE_DAYS } from '../../resources.ts';

/** Reads an English phrase; undefined where it is not one. */
export type ReadEnglishTime = (text: string, nowEpochMs: number) => Promise<number | undefined>;

/**
 * Length of a text at most, longer than any time in words; the grammar takes up to 30 ms for a text of this
 * length that is made to be hard.
 */
const MAX_LENGTH = 64;
const MAX_AHEAD_MS = MAX_SCHEDULE_DAYS * MS_PER_DAY;
/**
 * Difference that clocks may have. Those of callers run behind and ahead; what is due this little ago is sent
 * now.
 */
const CLOCK_SKEW_MS = 60_000;

const LOOKS_LIKE_ISO = /^\d{4}-\d{2}-\d{2}/;

/**
 * The value of a `scheduled_at`: ISO 8601, whose times are UTC where no offset is given and whose dates alone begin at
 * midnight, or an English phrase. `null` and an empty text are absent.
 * @returns epoch milliseconds, never before now; undefined where it is absent
 * @throws ContractError 422 for what is no time, for the past, and for more than 30 days ahead
 */
export async function readScheduledAt(
  value: unknown,
  { nowEpochMs, readEnglish }: { readonly nowEpochMs: number; readonly readEnglish: ReadEnglishTime },
): Promise<number | undefined> {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string') throw invalidField('The `scheduled_at` field must be a string.');
  const text = value.trim().replaceAll(/\s+/g, ' ');
  const epochMs = await momentOf(text, nowEpochMs, readEnglish);
  if (epochMs === undefined || Number.isNaN(epochMs)) throw invalidField(NO_TIME);
  if (epochMs < nowEpochMs - CLOCK_SKEW_MS) {
    throw invalidField(
      `The \`scheduled_at\` field is in the past: ${toIso(epochMs)}, and it is ${toIso(nowEpochMs)}.`,
    );
  }
  if (epochMs > nowEpochMs + MAX_AHEAD_MS) {
    throw invalidField(
      `The \`scheduled_at\` field is more than ${MAX_SCHEDULE_DAYS} days ahead: ${toIso(epochMs)}, and it is ${toIso(nowEpochMs)}.`,
    );
  }
  return Math.max(epochMs, nowEpochMs);
}

const NO_TIME =
  'The `scheduled_at` field must be a time, in ISO 8601 (`2026-08-05T11:52:01.858Z`) or in English (`in 1 hour`, `tomorrow at 9am`, `Friday at 3pm ET`).';

async function momentOf(
  text: string,
  nowEpochMs: number,
  readEnglish: ReadEnglishTime,
): Promise<number | undefined> {
  if (text.length > MAX_LENGTH) return undefined;
  return LOOKS_LIKE_ISO.test(text) ? readIsoTime(text) : readEnglish(text, nowEpochMs);
}

const toIso = (epochMs: number): string => new Date(epochMs).toISOString();
