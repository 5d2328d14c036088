import type { GuardLines } from '../streams/guard-lines.ts';

/** One thing that counts for or against the sender of a mail. */
export interface SendingEvent {
  /** `bounced` stands for permanent bounces by the recipient's server alone, as AWS counts them. */
  readonly kind: 'sent' | 'bounced' | 'complained';
  /** Time at which the mail left, not when it was reported. */
  readonly mailSentAtEpochMs: number;
}

export interface SendingCounts {
  readonly sent: number;
  readonly bounced: number;
  readonly complained: number;
}

/** Window of the last so many recipients, in buckets of which the oldest falls out; newest last. */
export interface ReputationWindow {
  /** Time before which mail is not counted any more. */
  readonly startedAtEpochMs: number;
  readonly buckets: readonly SendingCounts[];
}

export type GuardDecision =
  | { readonly kind: 'ok'; readonly reason: string }
  | { readonly kind: 'warn'; readonly reason: string }
  | { readonly kind: 'pause'; readonly reason: string };

export const EMPTY_WINDOW: ReputationWindow = { startedAtEpochMs: 0, buckets: [] };

/** Recipients of a bucket. AWS looks back over a volume as well, of about 10,000 mails. */
const BUCKET_SENDS = 500;

const BUCKETS = 20;

/**
 * Recipients that are assumed at least. A thinner window is judged as if so much had been sent: one complaint
 * in ten mails says little, and forty bounces say enough however few they were among.
 */
const LEAST_SENDS = { bounced: 1_000, complained: 5_000 } as const;

const WARN_AT = 0.5;

export function addToWindow(window: ReputationWindow, events: readonly SendingEvent[]): ReputationWindow {
  const counted = events.filter(({ mailSentAtEpochMs }) => mailSentAtEpochMs >= window.startedAtEpochMs);
  if (counted.length === 0) return window;
  const newest = window.buckets.at(-1);
  const isOpen = newest !== undefined && newest.sent < BUCKET_SENDS;
  const kept = isOpen ? window.buckets.slice(0, -1) : window.buckets;
  const bucket = add(isOpen ? newest : NO_COUNTS, countsOf(counted));
  return { ...window, buckets: [...kept, bucket].slice(-BUCKETS) };
}

const NO_COUNTS: SendingCounts = { sent: 0, bounced: 0, complained: 0 };

export function totalOf({ buckets }: ReputationWindow): SendingCounts {
  return buckets.reduce(add, NO_COUNTS);
}

function countsOf(events: readonly SendingEvent[]): SendingCounts {
  const countOf = (wanted: SendingEvent['kind']) => events.filter(({ kind }) => kind === wanted).length;
  return { sent: countOf('sent'), bounced: countOf('bounced'), complained: countOf('complained') };
}

const add = (one: SendingCounts, other: SendingCounts): SendingCounts => ({
  sent: one.sent + other.sent,
  bounced: one.bounced + other.bounced,
  complained: one.complained + other.complained,
});

/** Warns at half of a line and pauses at it; the worse of the two rates decides. */
export function decideGuard(counts: SendingCounts, lines: GuardLines): GuardDecision {
  const bounces = judge('bounced', counts, lines.bouncePercent);
  const complaints = judge('complained', counts, lines.complaintPercent);
  const worst = bounces.share >= complaints.share ? bounces : complaints;
  if (worst.share >= 1) return { kind: 'pause', reason: worst.reason };
  return { kind: worst.share >= WARN_AT ? 'warn' : 'ok', reason: worst.reason };
}

/** Judges one rate; `share` is 1 at the line. */
function judge(kind: 'bounced' | 'complained', counts: SendingCounts, linePercent: number) {
  const percent = (counts[kind] / Math.max(counts.sent, LEAST_SENDS[kind])) * 100;
  const name = kind === 'bounced' ? 'bounce_rate' : 'complaint_rate';
  const decimals = kind === 'bounced' ? 2 : 3;
  return {
    share: percent / linePercent,
    reason: `${name}: ${percent.toFixed(decimals)} % of the last ${Math.max(counts.sent, LEAST_SENDS[kind])}, line ${linePercent} %`,
  };
}
