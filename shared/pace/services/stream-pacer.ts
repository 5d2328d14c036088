import { ContendedError } from '../../base/change.ts';
import type { Clock } from '../../base/ports.ts';
import type { LeaseDecision, LeaseRequest } from '../pace-state.ts';
import type { PacedMail } from '../spacing.ts';
import {
  askingFor,
  holding,
  isStillGood,
  NEW_TIME_LINE,
  placeMails,
  type QueuedMail,
  RENEW_AHEAD_MS,
  renewalOf,
  type TimeLine,
  type Turn,
} from '../time-line.ts';

interface StreamPacerDeps {
  readonly leaseId: string;
  readonly stream: string;
  /** @throws what the store throws; a `ContendedError` is waited out */
  readonly ask: (request: LeaseRequest) => Promise<LeaseDecision>;
  readonly clock: Clock;
  readonly sleep: (ms: number) => Promise<unknown>;
  /** A random number from 0 to 1. */
  readonly jitter: () => number;
  readonly longestWaitMs: number;
}

interface Queued extends QueuedMail {
  readonly answer: (turn: Turn) => void;
  readonly fail: (error: unknown) => void;
}

interface PacerState {
  queue: readonly Queued[];
  isRunning: boolean;
  line: TimeLine;
  /** Earliest time to ask for any lease. */
  askAtEpochMs: number;
  /** Earliest time to ask for a lease that is faster than a good one. */
  askForMoreAtEpochMs: number;
}

/** Time to gather mails. Those of a batch ask within a moment of each other: one lease for all of them. */
const GATHER_MS = 5;
const ASK_AGAIN_MS = 1_000;

/**
 * Creates the pacer of the mails of one stream in one worker: slots as far as the lease goes, and another
 * lease in time.
 */
export function createStreamPacer(deps: StreamPacerDeps): { take(mail: PacedMail): Promise<Turn> } {
  const state: PacerState = {
    queue: [],
    isRunning: false,
    line: NEW_TIME_LINE,
    askAtEpochMs: 0,
    askForMoreAtEpochMs: 0,
  };
  return {
    take: (mail) =>
      new Promise((answer, fail) => {
        const deadlineEpochMs = deps.clock.nowEpochMs() + deps.longestWaitMs;
        state.queue = [...state.queue, { mail, deadlineEpochMs, answer, fail }];
        if (!state.isRunning) void run(state, deps);
      }),
  };
}

async function run(state: PacerState, deps: StreamPacerDeps): Promise<void> {
  state.isRunning = true;
  try {
    if (deps.clock.nowEpochMs() >= renewalOf(state.line)) await deps.sleep(GATHER_MS);
    while (state.queue.length > 0) await step(state, deps);
  } catch (error) {
    for (const { fail } of takeAll(state)) fail(error);
  } finally {
    state.isRunning = false;
  }
}

function takeAll(state: PacerState): readonly Queued[] {
  const all = state.queue;
  state.queue = [];
  return all;
}

async function step(state: PacerState, deps: StreamPacerDeps): Promise<void> {
  const nowEpochMs = deps.clock.nowEpochMs();
  forgetOtherTimes(state, nowEpochMs);
  const { line, turns, waiting, blocked } = placeMails(state.line, state.queue, nowEpochMs);
  state.line = line;
  state.queue = waiting;
  for (const { queued, turn } of turns) queued.answer(turn);
  giveUp(state, deps, nowEpochMs);

  const isGood = isStillGood(line, blocked, nowEpochMs);
  if (isGood && blocked.isSlow && nowEpochMs >= state.askForMoreAtEpochMs) return ask(state, deps, true);
  if (state.queue.length === 0) return;
  if (blocked.onLease === undefined) return sleepUntil(blocked.untilEpochMs, state, deps);
  const askAt = isGood ? Math.min(state.askForMoreAtEpochMs, renewalOf(line)) : state.askAtEpochMs;
  return askAt > nowEpochMs ? sleepUntil(askAt, state, deps) : ask(state, deps, isGood);
}

/** Forgets times after the clock was set back: lease and times to ask at are of another time. */
function forgetOtherTimes(state: PacerState, nowEpochMs: number): void {
  const { lease } = state.line;
  if (lease !== undefined && nowEpochMs < lease.grantedAtEpochMs) state.line = NEW_TIME_LINE;
  const soonest = (epochMs: number) => (epochMs > nowEpochMs + 2 * ASK_AGAIN_MS ? nowEpochMs : epochMs);
  state.askAtEpochMs = soonest(state.askAtEpochMs);
  state.askForMoreAtEpochMs = soonest(state.askForMoreAtEpochMs);
}

function giveUp(state: PacerState, { jitter, longestWaitMs }: StreamPacerDeps, nowEpochMs: number): void {
  const isOver = ({ deadlineEpochMs }: Queued) =>
    nowEpochMs >= deadlineEpochMs || deadlineEpochMs > nowEpochMs + longestWaitMs;
  for (const { answer } of state.queue.filter(isOver))
    answer({ kind: 'later', delaySeconds: Math.round(5 + jitter() * 10), reason: 'send_rate' });
  state.queue = state.queue.filter((queued) => !isOver(queued));
}

async function sleepUntil(
  epochMs: number,
  { queue }: PacerState,
  { clock, sleep }: StreamPacerDeps,
): Promise<void> {
  const untilEpochMs = Math.min(epochMs, ...queue.map(({ deadlineEpochMs }) => deadlineEpochMs));
  await sleep(Math.max(1, Math.ceil(untilEpochMs - clock.nowEpochMs())));
}

async function ask(state: PacerState, deps: StreamPacerDeps, onlyIfFaster: boolean): Promise<void> {
  const { leaseId, stream, clock, jitter } = deps;
  const request = {
    leaseId,
    stream,
    onlyIfFaster,
    ...askingFor(state.line, state.queue, clock.nowEpochMs()),
  };
  const decision = await deps.ask(request).catch((error: unknown) => waitAfter(error, onlyIfFaster, deps));
  if (decision.kind === 'granted') {
    state.line = holding(state.line, decision, request);
    state.askAtEpochMs = clock.nowEpochMs() + RENEW_AHEAD_MS;
    state.askForMoreAtEpochMs = clock.nowEpochMs() + ASK_AGAIN_MS;
    return;
  }
  const retryAtEpochMs = decision.retryAtEpochMs + jitter() * 50;
  if (onlyIfFaster) state.askForMoreAtEpochMs = Math.min(retryAtEpochMs, clock.nowEpochMs() + ASK_AGAIN_MS);
  else if (decision.reason === 'send_rate') state.askAtEpochMs = retryAtEpochMs;
  else waitForQuota(state, deps);
}

/** Waits after an error. A lease that is good needs no store. */
function waitAfter(error: unknown, isGood: boolean, { clock, jitter }: StreamPacerDeps): LeaseDecision {
  if (!isGood && !(error instanceof ContendedError)) throw error;
  const retryAtEpochMs = clock.nowEpochMs() + RENEW_AHEAD_MS * (1 + jitter());
  return { kind: 'wait', reason: 'send_rate', retryAtEpochMs };
}

/** Waits for the quota, which slides: something of it may be free again within the longest delay of SQS. */
function waitForQuota(state: PacerState, { jitter }: StreamPacerDeps): void {
  const delaySeconds = Math.round(600 + jitter() * 300);
  for (const { answer } of takeAll(state)) answer({ kind: 'later', delaySeconds, reason: 'daily_quota' });
}
