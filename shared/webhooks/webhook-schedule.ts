import { MS_PER_HOUR, MS_PER_MINUTE, MS_PER_SECOND } from '../base/durations.ts';
import { type CallOutcome, isDelivered } from './webhook-call.ts';

/** Times between an attempt and the one after it: ten attempts within 75 to 83 hours. */
const WAITS_MS = [
  5 * MS_PER_SECOND,
  5 * MS_PER_MINUTE,
  30 * MS_PER_MINUTE,
  2 * MS_PER_HOUR,
  5 * MS_PER_HOUR,
  10 * MS_PER_HOUR,
  14 * MS_PER_HOUR,
  20 * MS_PER_HOUR,
  24 * MS_PER_HOUR,
];

export const MOST_ATTEMPTS_OF_A_ROUND = WAITS_MS.length + 1;

/** Share of a wait that is by chance: what failed together does not come back together. */
const JITTER_SHARE = 0.1;
const LONGEST_RETRY_AFTER_MS = 24 * MS_PER_HOUR;

type AfterAttempt =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'retry'; readonly atEpochMs: number; readonly reason: string }
  | { readonly kind: 'give-up'; readonly reason: string }
  /** The endpoint wants no events any more (410). */
  | { readonly kind: 'gone'; readonly reason: string };

/**
 * Decides what follows from an attempt.
 * @param attempts of this round, this one included
 * @param jitter 0 to 1, by chance
 */
export function decideAfterAttempt(
  outcome: CallOutcome,
  { attempts, nowEpochMs, jitter }: { attempts: number; nowEpochMs: number; jitter: number },
): AfterAttempt {
  if (isDelivered(outcome)) return { kind: 'delivered' };
  const reason = outcome.kind === 'answered' ? `status_${outcome.status}` : outcome.reason;
  if (outcome.kind === 'answered' && outcome.status === 410) return { kind: 'gone', reason };
  const waitMs = WAITS_MS[attempts - 1];
  if (waitMs === undefined) return { kind: 'give-up', reason };
  const ownMs = Math.round(waitMs * (1 + JITTER_SHARE * jitter));
  return { kind: 'retry', atEpochMs: nowEpochMs + Math.max(ownMs, askedMs(outcome, nowEpochMs)), reason };
}

const COME_BACK_LATER = new Set([429, 503]);

/**
 * Wait that `Retry-After` asks for (RFC 9110 section 10.2.3): seconds or a date. It makes a wait longer,
 * never shorter.
 */
function askedMs(outcome: CallOutcome, nowEpochMs: number): number {
  if (outcome.kind === 'failed' || !COME_BACK_LATER.has(outcome.status)) return 0;
  const text = outcome.retryAfter?.trim() ?? '';
  const ms = /^\d+$/.test(text) ? Number(text) * MS_PER_SECOND : dateOf(text) - nowEpochMs;
  return Number.isNaN(ms) ? 0 : Math.min(LONGEST_RETRY_AFTER_MS, ms);
}

/** `Sun, 06 Nov 1994 08:49:37 GMT`; the two obsolete forms, which no server uses today, are not read. */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

const dateOf = (text: string): number => (HTTP_DATE.test(text) ? Date.parse(text) : Number.NaN);
