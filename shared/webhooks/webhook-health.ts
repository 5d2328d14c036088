import type { Change } from '../base/change.ts';
import { defined } from '../base/defined.ts';
import { MS_PER_DAY, MS_PER_HOUR } from '../base/durations.ts';

/**
 * Health of an endpoint, as far as it is known. All processes share it, and it is written only when it
 * changes.
 */
export interface WebhookHealth {
  /** True if it has answered with 2xx within two seconds, and nothing else since. */
  readonly isQuick: boolean;
  /** Silences while it was quick: how many lately, and until when no answer makes it quick. */
  readonly silence?: { readonly count: number; readonly slowUntilEpochMs: number };
  /** Failures in a row. */
  readonly failures: number;
  /** Times of the first of them, and the last. */
  readonly failingSinceEpochMs?: number;
  readonly lastFailureEpochMs?: number;
  /** Breaker, from the fifth failure to the next success. */
  readonly breaker?: {
    /** Openings in a row, each for twice as long as the one before. */
    readonly openings: number;
    readonly openUntilEpochMs: number;
    /** A job is trying, until then; one that dies over it is waited for no longer. */
    readonly probeUntilEpochMs?: number;
  };
}

export interface WebhookHealths {
  /** Finds the health in a cache of at most two seconds. */
  find(webhookId: string): Promise<WebhookHealth>;
  /**
   * Reads consistently, decides, and writes if there is something new and no other worker wrote since; else all of it again.
   * @throws ContendedError
   */
  change<Answer>(
    webhookId: string,
    decide: (health: WebhookHealth) => Change<WebhookHealth, Answer>,
  ): Promise<Answer>;
}

/** Health of an endpoint of which nothing is known yet, or that begins anew. */
export const UNKNOWN_HEALTH: WebhookHealth = { isQuick: false, failures: 0 };

/** Time within which an answer is quick; one that takes longer makes an endpoint slow. */
export const QUICK_MS = 2_000;
/**
 * Time out of the quick queue after a first silence; each keeps it out for twice as long: an endpoint that is
 * quick and silent by turns would hold up others.
 */
const FIRST_SLOW_MS = 60_000;
const LONGEST_SLOW_MS = MS_PER_HOUR;
const SILENCE_FORGOTTEN_MS = MS_PER_DAY;
const FAILURES_UNTIL_OPEN = 5;
const FIRST_OPEN_MS = 5_000;
const LONGEST_OPEN_MS = 5 * 60_000;
/** Time of a probe. A call lasts 15 s at most; the rest is for what is written after it. */
const PROBE_MS = 30_000;
const FAILING_TOO_LONG_MS = 5 * MS_PER_DAY;
const LEAST_FAILURES = 10;
/**
 * Silence that counts for nothing: longer than the longest wait between two attempts, nothing was tried
 * before it.
 */
const SILENCE_MS = 2 * MS_PER_DAY;

/** Time until which a probe is ours; it tells one probe from another. */
export type Probe = number;

/** Turn of a job that asks for the probe of an open breaker. */
export type ProbeTurn =
  | { readonly kind: 'call'; readonly probe?: Probe }
  /** The breaker is open. */
  | { readonly kind: 'wait'; readonly delaySeconds: number };

type CallAdmission =
  | ProbeTurn
  /** The call may be made only by the job that takes the probe. */
  | { readonly kind: 'probe' }
  | UseSlowQueue;

/** The queue of endpoints that are not quick. */
export interface UseSlowQueue {
  readonly kind: 'use-slow-queue';
}

export interface Moment {
  readonly nowEpochMs: number;
  /** A random number from 0 to 1. */
  readonly jitter: number;
}

/** Decides whether an endpoint is called now. */
export function admitCall(health: WebhookHealth, queue: 'quick' | 'slow', moment: Moment): CallAdmission {
  if (queue === 'quick' && !health.isQuick) return { kind: 'use-slow-queue' };
  const { breaker } = health;
  if (breaker === undefined) return { kind: 'call' };
  return isProbeFree(breaker, moment.nowEpochMs) ? { kind: 'probe' } : waitFor(breaker, moment);
}

/** Gives the probe to one of all jobs that wait. */
export function takeProbe(health: WebhookHealth, moment: Moment): Change<WebhookHealth, ProbeTurn> {
  const { breaker } = health;
  if (breaker === undefined) return { answer: { kind: 'call' } };
  if (!isProbeFree(breaker, moment.nowEpochMs)) return { answer: waitFor(breaker, moment) };
  const probe = moment.nowEpochMs + PROBE_MS;
  return {
    answer: { kind: 'call', probe },
    state: { ...health, breaker: { ...breaker, probeUntilEpochMs: probe } },
  };
}

type Breaker = NonNullable<WebhookHealth['breaker']>;

const isProbeFree = ({ openUntilEpochMs, probeUntilEpochMs = 0 }: Breaker, nowEpochMs: number): boolean =>
  openUntilEpochMs <= nowEpochMs && probeUntilEpochMs <= nowEpochMs;

/**
 * Waits about as long as the breaker is open at a time, and so five minutes at the most: spread, so that jobs
 * do not all come back together, and not before it closes, when there is nothing to find.
 */
function waitFor({ openings, openUntilEpochMs }: Breaker, { nowEpochMs, jitter }: Moment): ProbeTurn {
  const spreadMs = openMs(openings) * (0.8 + 0.2 * jitter);
  const waitMs = Math.min(LONGEST_OPEN_MS, Math.max(openUntilEpochMs - nowEpochMs, spreadMs));
  return { kind: 'wait', delaySeconds: Math.ceil(waitMs / 1000) };
}

const openMs = (openings: number): number =>
  Math.min(LONGEST_OPEN_MS, FIRST_OPEN_MS * 2 ** Math.min(openings - 1, 20));

/** A success closes the breaker and ends what was failing. */
export function afterSuccess(
  health: WebhookHealth,
  { tookMs, nowEpochMs }: { readonly tookMs: number; readonly nowEpochMs: number },
): Change<WebhookHealth, undefined> {
  const isQuick = tookMs <= QUICK_MS && (health.silence?.slowUntilEpochMs ?? 0) <= nowEpochMs;
  const isNews = health.isQuick !== isQuick || health.failures > 0 || health.breaker !== undefined;
  return { answer: undefined, ...(isNews ? { state: { isQuick, failures: 0, ...silenceOf(health) } } : {}) };
}

/** Records a silence: the endpoint was called, and has said nothing for `QUICK_MS`. */
export function afterSilence(health: WebhookHealth, nowEpochMs: number): Change<WebhookHealth, undefined> {
  if (!health.isQuick) return { answer: undefined };
  const { count: before = 0, slowUntilEpochMs: slowBefore = 0 } = health.silence ?? {};
  const count = nowEpochMs - slowBefore < SILENCE_FORGOTTEN_MS ? before + 1 : 1;
  const slowUntilEpochMs = nowEpochMs + Math.min(LONGEST_SLOW_MS, FIRST_SLOW_MS * 2 ** (count - 1));
  return { answer: undefined, state: { ...health, isQuick: false, silence: { count, slowUntilEpochMs } } };
}

const silenceOf = ({ silence }: WebhookHealth): Pick<WebhookHealth, 'silence'> => defined({ silence });

/**
 * Records a failure. While the breaker is open only the probe counts: what had begun before says nothing new.
 * @returns whether nothing has got through for five days
 */
export function afterFailure(
  health: WebhookHealth,
  nowEpochMs: number,
  probe?: Probe,
): Change<WebhookHealth, boolean> {
  const { breaker } = health;
  if (breaker !== undefined && (probe === undefined || breaker.probeUntilEpochMs !== probe)) {
    return { answer: false };
  }
  const failing = countFailure(health, nowEpochMs);
  const openings = (breaker?.openings ?? 0) + 1;
  const opens = failing.failures >= FAILURES_UNTIL_OPEN || breaker !== undefined;
  const openUntilEpochMs = nowEpochMs + openMs(openings);
  return {
    answer: isFailingTooLong(failing),
    state: {
      isQuick: false,
      ...silenceOf(health),
      ...failing,
      ...(opens ? { breaker: { openings, openUntilEpochMs } } : {}),
    },
  };
}

type Failing = Required<Pick<WebhookHealth, 'failures' | 'failingSinceEpochMs' | 'lastFailureEpochMs'>>;

function countFailure(health: WebhookHealth, nowEpochMs: number): Failing {
  const { failures, failingSinceEpochMs = nowEpochMs, lastFailureEpochMs = nowEpochMs } = health;
  const goesOn = nowEpochMs - lastFailureEpochMs < SILENCE_MS;
  return {
    failures: goesOn ? failures + 1 : 1,
    failingSinceEpochMs: goesOn ? failingSinceEpochMs : nowEpochMs,
    lastFailureEpochMs: nowEpochMs,
  };
}

const isFailingTooLong = ({ failures, failingSinceEpochMs, lastFailureEpochMs }: Failing): boolean =>
  failures >= LEAST_FAILURES && lastFailureEpochMs - failingSinceEpochMs >= FAILING_TOO_LONG_MS;
