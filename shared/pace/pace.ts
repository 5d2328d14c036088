import type { AccountReading } from './account-reading.ts';
import { quotaLeft, withReading } from './daily-quota.ts';
import {
  AHEAD_MS,
  type LeaseDecision,
  type LeaseRequest,
  LONGEST_LEASE_MS,
  type PaceLimits,
  type PaceState,
  type RateLease,
  SHORTEST_LEASE_MS,
  type Want,
  WINDOW_MS,
} from './pace-state.ts';
import { isCrowding, lookAt, type PaceView, rateFor } from './pace-view.ts';

const WANT_LASTS_MS = 10_000;
const QUOTA_RETRY_MS = 60_000;
/** Time until the last slot that was given is out of SES's window. */
const REST_MS = AHEAD_MS + WINDOW_MS;
/** Growth that is worth a write. */
const WORTHWHILE_GROWTH = 1.05;

/**
 * Splits the account's rate between streams by their share and between the workers of a stream evenly; what
 * one does not want goes to the others. All that runs is never above the ceiling, and what stands above a
 * stream's own share ends within five seconds, so that a worker that comes back to it waits no longer.
 */
export function decideLease(
  stored: PaceState,
  asked: LeaseRequest,
  limits: PaceLimits,
  nowEpochMs: number,
): LeaseDecision {
  const request = { ...asked, wantedPerSecond: Math.max(asked.wantedPerSecond, asked.largestMail) };
  const state = alive(stored, nowEpochMs, limits.reading);
  const left = quotaLeft(state.granted, limits.account.max24HourSend);
  if (left < Math.max(1, request.largestMail)) return waitForQuota(stored, state, nowEpochMs);
  const view = lookAt(state, request, limits);
  const all = { state, view, request, nowEpochMs };
  const rate = rateFor(view, request);
  if (request.onlyIfFaster && rate < (view.own?.recipientsPerSecond ?? 0) * WORTHWHILE_GROWTH)
    return waitForRate(all);
  if (rate === 0) return wanting(all);
  if (view.own !== undefined && isCrowding(view, rate, request)) return giveWay(view.own, all);
  return grant(rate, left, all);
}

/** Waits for the quota. A new reading is kept, so that the one after it turns the page again. */
function waitForQuota(stored: PaceState, state: PaceState, nowEpochMs: number): LeaseDecision {
  const isNewReading = state.granted.readAtEpochMs > stored.granted.readAtEpochMs;
  const retryAtEpochMs = nowEpochMs + QUOTA_RETRY_MS;
  return { kind: 'wait', reason: 'daily_quota', retryAtEpochMs, ...(isNewReading ? { state } : {}) };
}

/** State without what is over. A clock that was set back must not leave leases that run for ever. */
function alive(state: PaceState, nowEpochMs: number, reading: AccountReading | undefined): PaceState {
  const runningFor = <T extends { readonly untilEpochMs: number }>(items: readonly T[], mostMs: number) =>
    items
      .filter(({ untilEpochMs }) => untilEpochMs > nowEpochMs)
      .map((item) => ({ ...item, untilEpochMs: Math.min(item.untilEpochMs, nowEpochMs + mostMs) }));
  return {
    ...state,
    leases: runningFor(state.leases, LONGEST_LEASE_MS),
    wants: runningFor(state.wants, WANT_LASTS_MS),
    granted: withReading(state.granted, reading),
  };
}

interface Asked {
  readonly state: PaceState;
  readonly view: PaceView;
  readonly request: LeaseRequest;
  readonly nowEpochMs: number;
}

function giveWay(own: RateLease, asked: Asked): LeaseDecision {
  const rest = restOf(own, own.recipientsPerSecond, asked.nowEpochMs);
  const state = { ...asked.state, leases: [...asked.view.others, rest], wants: wantsOf(asked) };
  return { kind: 'wait', reason: 'send_rate', retryAtEpochMs: rest.untilEpochMs + WINDOW_MS / 4, state };
}

/**
 * Rest of a lease. A rate that is given up is not free at once: slots were given ahead, and what was sent
 * counts for a second.
 */
const restOf = (lease: RateLease, recipientsPerSecond: number, nowEpochMs: number): RateLease => ({
  leaseId: `${lease.leaseId}#rest`,
  stream: lease.stream,
  recipientsPerSecond,
  wantedPerSecond: 0,
  untilEpochMs: Math.min(lease.untilEpochMs, nowEpochMs + REST_MS),
});

function wanting(asked: Asked): LeaseDecision {
  const { state, request, nowEpochMs } = asked;
  const known = state.wants.find(({ leaseId }) => leaseId === request.leaseId);
  const isFresh = known !== undefined && known.untilEpochMs - nowEpochMs > WANT_LASTS_MS / 2;
  return isFresh ? waitForRate(asked) : { ...waitForRate(asked), state: { ...state, wants: wantsOf(asked) } };
}

function wantsOf({ view, request, nowEpochMs }: Asked): readonly Want[] {
  const { leaseId, stream, wantedPerSecond } = request;
  const untilEpochMs = nowEpochMs + WANT_LASTS_MS;
  return [...view.waiting, { leaseId, stream, wantedPerSecond, leastPerSecond: view.smallest, untilEpochMs }];
}

/**
 * Waits for rate, which comes free when another worker's lease ends, or earlier, when it is renewed with
 * less.
 */
function waitForRate({ view, nowEpochMs }: Asked) {
  const ends = view.others.map(({ untilEpochMs }) => untilEpochMs);
  const retryAtEpochMs = Math.min(nowEpochMs + WINDOW_MS, ...ends);
  return { kind: 'wait', reason: 'send_rate', retryAtEpochMs } as const;
}

function grant(rate: number, left: number, { state, view, request, nowEpochMs }: Asked): LeaseDecision {
  const { leaseId, stream, wantedPerSecond, largestMail } = request;
  const lastsMs = lengthOf(view, rate, request);
  const sendMs = lastsMs - WINDOW_MS;
  const lease = {
    leaseId,
    stream,
    recipientsPerSecond: rate,
    wantedPerSecond,
    untilEpochMs: nowEpochMs + lastsMs,
  };
  const recipients = Math.min(left, Math.max(Math.ceil((rate * sendMs) / 1000), largestMail));
  const recipientsSince = state.granted.recipientsSince + recipients;
  return {
    kind: 'granted',
    lease,
    grantedAtEpochMs: nowEpochMs,
    sendUntilEpochMs: nowEpochMs + sendMs,
    recipients,
    providersPerSecond: partsOfProviders(state, rate / (rate + view.allRuns)),
    state: {
      ...state,
      leases: [...view.others, ...givenUp(view, rate, nowEpochMs), lease],
      wants: view.waiting,
      granted: { ...state.granted, recipientsSince },
    },
  };
}

/** Length of a lease. What is lent ends soon; what is the stream's own may last. */
function lengthOf({ streamRuns, share }: PaceView, rate: number, { lastsMs }: LeaseRequest): number {
  if (streamRuns + rate > share) return SHORTEST_LEASE_MS;
  return Math.min(LONGEST_LEASE_MS, Math.max(SHORTEST_LEASE_MS, Math.ceil(lastsMs)));
}

function givenUp({ own }: PaceView, rate: number, nowEpochMs: number): readonly RateLease[] {
  const less = (own?.recipientsPerSecond ?? 0) - rate;
  return own !== undefined && less > 0 ? [restOf(own, less, nowEpochMs)] : [];
}

function partsOfProviders({ providers }: PaceState, part: number) {
  return Object.fromEntries(
    Object.entries(providers).map(([provider, { recipientsPerSecond }]) => [
      provider,
      recipientsPerSecond * part,
    ]),
  );
}
