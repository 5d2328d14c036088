import { ContendedError } from '../../base/change.ts';
import { MS_PER_DAY } from '../../base/durations.ts';
import type { Clock } from '../../base/ports.ts';
import type { BlockReader, LogBlock } from '../../event-log/ports.ts';
import { eventTimeOf } from '../../events/published-event.ts';
import { addToHour, type Contribution, contributionsOf } from '../hour-counters.ts';
import type { MetricCounters } from '../ports.ts';

export interface FoldDeps {
  readonly blocks: BlockReader;
  readonly counters: MetricCounters;
  readonly clock: Clock;
}

interface FoldedLog {
  /** Blocks that the log has beyond the counters. */
  readonly tail: readonly LogBlock[];
  /** True unless time was over: the log then has more, and the tail is not all of it. */
  readonly isWhole: boolean;
  /** True if so much has come, or is left, that it is worth looking again soon. */
  readonly isBusy: boolean;
}

/** Blocks of one read of the log: up to 20,000 events. */
const PAGE = 200;
/**
 * Blocks that are worth folding. Fewer are cheaper read with each question than written down: counting costs
 * two writes, however many blocks there are.
 */
const WORTH_FOLDING = 50;
/** Age from which blocks are folded however few, long before the log forgets them. */
const OLD_MS = MS_PER_DAY;

/**
 * Counts what a tenant's log has, once enough has come together; so that what is left is little, or time is over.
 *
 * **Each event is counted once**, however many fold at the same time, wherever they die and whichever replies are lost. An
 * hour's item names the last block that has told it something, and holds exactly what blocks up to that one tell:
 * - What is added are the contributions of blocks beyond that number, from a run of blocks that has no gap and begins
 *   no later than behind `foldedUpTo`. What is before the run is in the item (below), so that nothing is left out.
 * - It is written only in place of the item that was read. The number grows with every write, so that an item that is still
 *   the same is the one that was read; who was overtaken reads again, and finds that part or all is done. So does who
 *   cannot know whether its own write was done.
 *
 * `foldedUpTo` moves to the end of a run after each of its hours was written, or found to hold all of it: every hour holds
 * what blocks up to there tell. It can be behind, after a crash, and then costs a look; it is never ahead.
 */
export async function foldLog(
  tenant: string,
  hasTime: () => boolean,
  { blocks, counters, clock }: FoldDeps,
): Promise<FoldedLog> {
  let folded = await counters.foldedUpTo(tenant);
  for (let isBusy = false; ; isBusy = true) {
    const tail = await blocks.read(tenant, folded + 1, PAGE);
    const isWhole = tail.length < PAGE;
    if (!isWorthFolding(tail, clock.nowEpochMs())) return { tail, isWhole, isBusy };
    if (!hasTime()) return { tail, isWhole, isBusy: true };
    folded = await foldRun(tenant, tail, counters);
    if (isWhole) return { tail: [], isWhole, isBusy };
  }
}

function isWorthFolding(tail: readonly LogBlock[], nowEpochMs: number): boolean {
  const oldest = tail[0]?.events[0];
  const isOld = oldest !== undefined && nowEpochMs - eventTimeOf(oldest.id) > OLD_MS;
  return tail.length >= WORTH_FOLDING || isOld;
}

async function foldRun(tenant: string, run: readonly LogBlock[], counters: MetricCounters): Promise<number> {
  for (const [hour, contributions] of contributionsOf(run)) {
    await foldHour(tenant, hour, contributions, counters);
  }
  const foldedUpTo = run.at(-1)?.number ?? 0;
  await counters.advance(tenant, foldedUpTo);
  return foldedUpTo;
}

/** Each failure is another folder's progress: there are as many tries as folders could sensibly meet. */
const TRIES = 5;

async function foldHour(
  tenant: string,
  hour: string,
  contributions: readonly Contribution[],
  counters: MetricCounters,
): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) {
    const before = await counters.get(tenant, hour);
    const after = addToHour(hour, before, contributions);
    if (after === undefined || (await counters.replace(tenant, before, after))) return;
  }
  throw new ContendedError(`metrics of ${hour}`);
}
