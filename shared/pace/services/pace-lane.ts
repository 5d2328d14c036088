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

export interface PaceLaneDeps {
  readonly leaseId: string;
  readonly stream: string;
  /** @throws what the store throws; a `ContendedError` is waited out */
  readonly ask: (request: LeaseRequest) => Promise<LeaseDecision>;
  readonly clock: Clock;
  readonly sleep: (ms: number) => Promise<unknown>;
  /** 0 to 1, by chance. */
  readonly jitter: () => number;
  readonly longestWaitMs: number;
}

interface Queued extends QueuedMail {
  readonly settle: (turn: Turn) => void;
  readonly fail: (error: unknown) => void;
}

interface Lane {
  queue: readonly Queued[];
  isRunning: boolean;
  line: TimeLine;
  /** No earlier, for any lease. */
  askAtEpochMs: number;
  /** No earlier, for one that is faster than a good one. */
  askForMoreAtEpochMs: number;
}

/** The mails of a batch ask within a moment of each other: one lease for all of them. */
const GATHER_MS = 5;
const ASK_AGAIN_MS = 1_000;

/** The mails of one stream in one worker: slots as far as the lease goes, and another lease in time. */
export function createPaceLane(deps: PaceLaneDeps): { take(mail: PacedMail): Promise<Turn> } {
  const lane: Lane = {
    queue: [],
    isRunning: false,
    line: NEW_TIME_LINE,
    askAtEpochMs: 0,
    askForMoreAtEpochMs: 0,
  };
  return {
    take: (mail) =>
      new Promise((settle, fail) => {
        const deadlineEpochMs = deps.clock.nowEpochMs() + deps.longestWaitMs;
        lane.queue = [...lane.queue, { mail, deadlineEpochMs, settle, fail }];
        if (!lane.isRunning) void run(lane, deps);
      }),
  };
}

async function run(lane: Lane, deps: PaceLaneDeps): Promise<void> {
  lane.isRunning = true;
  try {
    if (deps.clock.nowEpochMs() >= renewalOf(lane.line)) await deps.sleep(GATHER_MS);
    while (lane.queue.length > 0) await step(lane, deps);
  } catch (error) {
    for (const { fail } of takeAll(lane)) fail(error);
  } finally {
    lane.isRunning = false;
  }
}

function takeAll(lane: Lane): readonly Queued[] {
  const all = lane.queue;
  lane.queue = [];
  return all;
}

async function step(lane: Lane, deps: PaceLaneDeps): Promise<void> {
  const nowEpochMs = deps.clock.nowEpochMs();
  forgetOtherTimes(lane, nowEpochMs);
  const { line, turns, waiting, blocked } = placeMails(lane.line, lane.queue, nowEpochMs);
  lane.line = line;
  lane.queue = waiting;
  for (const { queued, turn } of turns) queued.settle(turn);
  giveUp(lane, deps, nowEpochMs);

  const isGood = isStillGood(line, blocked, nowEpochMs);
  if (isGood && blocked.isSlow && nowEpochMs >= lane.askForMoreAtEpochMs) return ask(lane, deps, true);
  if (lane.queue.length === 0) return;
  if (blocked.onLease === undefined) return sleepUntil(blocked.untilEpochMs, lane, deps);
  const askAt = isGood ? Math.min(lane.askForMoreAtEpochMs, renewalOf(line)) : lane.askAtEpochMs;
  return askAt > nowEpochMs ? sleepUntil(askAt, lane, deps) : ask(lane, deps, isGood);
}

/** The clock was set back: lease and times to ask at are of another time. */
function forgetOtherTimes(lane: Lane, nowEpochMs: number): void {
  const { held } = lane.line;
  if (held !== undefined && nowEpochMs < held.grantedAtEpochMs) lane.line = NEW_TIME_LINE;
  const soonest = (epochMs: number) => (epochMs > nowEpochMs + 2 * ASK_AGAIN_MS ? nowEpochMs : epochMs);
  lane.askAtEpochMs = soonest(lane.askAtEpochMs);
  lane.askForMoreAtEpochMs = soonest(lane.askForMoreAtEpochMs);
}

function giveUp(lane: Lane, { jitter, longestWaitMs }: PaceLaneDeps, nowEpochMs: number): void {
  const isOver = ({ deadlineEpochMs }: Queued) =>
    nowEpochMs >= deadlineEpochMs || deadlineEpochMs > nowEpochMs + longestWaitMs;
  for (const { settle } of lane.queue.filter(isOver))
    settle({ kind: 'later', delaySeconds: Math.round(5 + jitter() * 10), reason: 'send_rate' });
  lane.queue = lane.queue.filter((queued) => !isOver(queued));
}

async function sleepUntil(epochMs: number, { queue }: Lane, { clock, sleep }: PaceLaneDeps): Promise<void> {
  const untilEpochMs = Math.min(epochMs, ...queue.map(({ deadlineEpochMs }) => deadlineEpochMs));
  await sleep(Math.max(1, Math.ceil(untilEpochMs - clock.nowEpochMs())));
}

async function ask(lane: Lane, deps: PaceLaneDeps, onlyIfFaster: boolean): Promise<void> {
  const { leaseId, stream, clock, jitter } = deps;
  const request = {
    leaseId,
    stream,
    onlyIfFaster,
    ...askingFor(lane.line, lane.queue, clock.nowEpochMs()),
  };
  const decision = await deps.ask(request).catch((error: unknown) => waitAfter(error, onlyIfFaster, deps));
  if (decision.kind === 'granted') {
    lane.line = holding(lane.line, decision, request);
    lane.askAtEpochMs = clock.nowEpochMs() + RENEW_AHEAD_MS;
    lane.askForMoreAtEpochMs = clock.nowEpochMs() + ASK_AGAIN_MS;
    return;
  }
  const retryAtEpochMs = decision.retryAtEpochMs + jitter() * 50;
  if (onlyIfFaster) lane.askForMoreAtEpochMs = Math.min(retryAtEpochMs, clock.nowEpochMs() + ASK_AGAIN_MS);
  else if (decision.reason === 'send_rate') lane.askAtEpochMs = retryAtEpochMs;
  else waitForQuota(lane, deps);
}

/** A lease that is good needs no store. */
function waitAfter(error: unknown, isGood: boolean, { clock, jitter }: PaceLaneDeps): LeaseDecision {
  if (!isGood && !(error instanceof ContendedError)) throw error;
  const retryAtEpochMs = clock.nowEpochMs() + RENEW_AHEAD_MS * (1 + jitter());
  return { kind: 'wait', reason: 'send_rate', retryAtEpochMs };
}

/** The quota slides: something of it may be free again within the longest delay of SQS. */
function waitForQuota(lane: Lane, { jitter }: PaceLaneDeps): void {
  const delaySeconds = Math.round(600 + jitter() * 300);
  for (const { settle } of takeAll(lane)) settle({ kind: 'later', delaySeconds, reason: 'daily_quota' });
}
