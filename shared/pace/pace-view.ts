import { fairSplit } from './fair-split.ts';
import {
  type LeaseRequest,
  type PaceLimits,
  type PaceState,
  paceCeiling,
  type RateLease,
  type Want,
} from './pace-state.ts';

/**
 * Share that is kept of what an idle stream leaves: its first mails need not wait for another worker's lease
 * to end.
 */
const RESERVE = 0.1;

interface Demand {
  readonly leaseId: string;
  readonly stream: string;
  readonly wantedPerSecond: number;
}

/** The state as one request meets it; all rates in recipients per second. */
export interface PaceView {
  readonly ceiling: number;
  /** The ceiling without what is kept for idle streams. */
  readonly usable: number;
  /** The least rate that is worth a lease. */
  readonly smallest: number;
  readonly own: RateLease | undefined;
  readonly others: readonly RateLease[];
  readonly waiting: readonly Want[];
  /** True if workers that would come with it have not been heard of yet. */
  readonly isFirst: boolean;
  /** Rate that the stream is entitled to, however much others send. */
  readonly share: number;
  /** Rate that the stream may have at present. */
  readonly cap: number;
  /** Rate that the worker may have of it. */
  readonly fair: number;
  readonly streamRuns: number;
  readonly allRuns: number;
}

export function lookAt(state: PaceState, request: LeaseRequest, { account, shares }: PaceLimits): PaceView {
  const ceiling = paceCeiling(account.maxSendRate);
  const isMine = ({ leaseId }: { leaseId: string }) => leaseId === request.leaseId;
  const own = state.leases.find(isMine);
  const others = state.leases.filter((lease) => !isMine(lease));
  const waiting = state.wants.filter((want) => !isMine(want));
  const demands = [...demandsOf(others, waiting), request];
  const { share, cap, usable } = splitStreams(demands, request.stream, shares, ceiling);
  const peers = demands.filter(({ stream }) => stream === request.stream);
  const parts = fairSplit(
    cap,
    peers.map(({ wantedPerSecond }) => ({ wanted: wantedPerSecond, weight: 1 })),
  );
  return {
    ceiling,
    usable,
    smallest: Math.min(ceiling, Math.max(1, Math.floor(Math.min(request.largestMail, cap)))),
    own,
    others,
    waiting,
    isFirst: own === undefined && !state.wants.some(isMine),
    share,
    cap,
    fair: parts.at(-1) ?? 0,
    streamRuns: rateOf(others.filter(({ stream }) => stream === request.stream)),
    allRuns: rateOf(others),
  };
}

function demandsOf(leases: readonly RateLease[], wants: readonly Want[]): readonly Demand[] {
  const running = leases.filter(({ wantedPerSecond }) => wantedPerSecond > 0);
  const ids = new Set(running.map(({ leaseId }) => leaseId));
  return [...running, ...wants.filter(({ leaseId }) => !ids.has(leaseId))];
}

function splitStreams(
  demands: readonly Demand[],
  mine: string,
  shares: Readonly<Record<string, number>>,
  ceiling: number,
) {
  const names = [...new Set([...Object.keys(shares), mine, ...demands.map(({ stream }) => stream)])];
  // A stream that the configuration does not know (any more) sends what is under way, slowly.
  const weights = names.map((name) => Math.max(shares[name] ?? 1, 0.01));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const streams = names.map((name, index) => {
    const weight = weights[index] ?? 0;
    const wanted = demands
      .filter(({ stream }) => stream === name)
      .reduce((total, { wantedPerSecond }) => total + wantedPerSecond, 0);
    return { name, weight, wanted, share: (ceiling * weight) / sum };
  });
  const kept = streams
    .filter(({ name }) => name !== mine)
    .reduce((total, { share, wanted }) => total + RESERVE * Math.max(0, share - wanted), 0);
  const usable = Math.max(Math.min(1, ceiling), ceiling - kept);
  const index = names.indexOf(mine);
  return { usable, share: streams[index]?.share ?? 0, cap: fairSplit(usable, streams)[index] ?? 0 };
}

const rateOf = (leases: readonly RateLease[]): number =>
  leases.reduce((total, { recipientsPerSecond }) => total + recipientsPerSecond, 0);

/** Rate that the request may have: 0, or at least the smallest rate. */
export function rateFor(view: PaceView, { wantedPerSecond }: LeaseRequest): number {
  const { smallest, cap, usable, streamRuns, allRuns } = view;
  const streamRoom = Math.max(cap - streamRuns, streamRuns === 0 ? smallest : 0);
  const room = Math.min(usable - allRuns, streamRoom);
  const part = Math.max(smallest, Math.min(wantedPerSecond, partFor(view, room)));
  return wholeRate(Math.min(room, part), smallest);
}

/**
 * Part of the free rate. A first lease takes half of what is free, because others of its stream may come with
 * it: they need not wait for its end. Rounding up leaves nothing unused, unless another worker waits for the
 * rest.
 */
function partFor({ isFirst, fair, waiting }: PaceView, room: number): number {
  if (waiting.length > 0) return Math.floor(fair);
  return Math.min(Math.ceil(fair), isFirst ? room / 2 : room);
}

/** Rounds a rate. In whole recipients, evenly spaced, it never has more than itself in any second. */
function wholeRate(rate: number, smallest: number): number {
  if (rate < smallest - 1e-9) return 0;
  return rate >= 1 ? Math.floor(rate + 1e-9) : rate;
}

/**
 * Tells whether a worker without any rate would find no room for the least that it needs, were this lease
 * renewed.
 */
export function isCrowding(view: PaceView, rate: number, { stream, onlyIfFaster }: LeaseRequest): boolean {
  if (onlyIfFaster) return false;
  const left = view.ceiling - view.allRuns - rate;
  const leftOfStream = view.cap - view.streamRuns - rate;
  return view.waiting.some((want) => {
    if (want.stream === stream) return Math.min(left, leftOfStream) < want.leastPerSecond;
    return left < want.leastPerSecond && !view.others.some((lease) => lease.stream === want.stream);
  });
}
