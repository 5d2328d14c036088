import { MS_PER_DAY } from '../../base/durations.ts';
import type { Clock } from '../../base/ports.ts';
import { createLogMemory } from '../log-memory.ts';
import {
  emptySpan,
  type LogSpan,
  lowestOf,
  reachesBackTo,
  spanOf,
  withNewer,
  withOlder,
} from '../log-span.ts';
import { type BlockRow, type BlockRows, traceOf } from './event-log-rows.ts';

interface LogEndsOptions {
  readonly rows: BlockRows;
  /** Number of the next block of an empty log. */
  readonly firstNumberOf: (tenant: string) => Promise<number>;
  readonly clock: Clock;
}

/** Ends of its logs, as far as one writer knows them. */
export interface LogEnds {
  /**
   * Reaches back from what is remembered, else from the last block, with all that may hold what was stored
   * since.
   */
  reach(tenant: string, sinceEpochMs: number): Promise<LogSpan>;
  /** Catches up with what other writers have appended meanwhile. */
  catchUp(tenant: string, span: LogSpan, sinceEpochMs: number): Promise<LogSpan>;
  remember(tenant: string, span: LogSpan): void;
}

/** Bytes for about two million events: minutes of a busy log, and the ends of thousands of quiet ones. */
const MOST_BYTES = 24 * 2 ** 20;

/**
 * Blocks of the first step. Most writers find what they look for at the very end; one that has to go far
 * goes in few steps.
 */
const FIRST_STEP = 8;
const LONGEST_STEP = 2_048;

/**
 * Longest time that an end is remembered: long before a block expires that a number could be counted on from.
 */
const LONGEST_REMEMBERED_MS = MS_PER_DAY;

/** Blocks that a writer may have missed; one that has missed more begins at the end anew. */
const MOST_MISSED = 40;

export function createLogEnds({ rows, firstNumberOf, clock }: LogEndsOptions): LogEnds {
  const memory = createLogMemory(MOST_BYTES);

  const remembered = (tenant: string): LogSpan | undefined => {
    const span = memory.get(tenant);
    const lastAtEpochMs = span?.traces.at(-1)?.atEpochMs ?? 0;
    return clock.nowEpochMs() - lastAtEpochMs < LONGEST_REMEMBERED_MS ? span : undefined;
  };

  const fromTheEnd = async (tenant: string): Promise<LogSpan> => {
    const last = await rows.last(tenant);
    return last === undefined ? emptySpan(await firstNumberOf(tenant)) : spanOf(traceOf(last));
  };

  /**
   * Goes back a step. Nothing before its beginning is the beginning of the log: what was there has expired.
   */
  const goBack = async (tenant: string, span: LogSpan, step: number): Promise<LogSpan> => {
    const lowest = lowestOf(span);
    const { found } = await rows.between(tenant, { from: lowest - step, to: lowest - 1, newestFirst: true });
    const older = found.filter((row, index) => row.number === lowest - (found.length - index));
    return older.length === 0 ? { ...span, isWhole: true } : withOlder(span, older.map(traceOf));
  };

  const goBackTo = async (tenant: string, from: LogSpan, sinceEpochMs: number): Promise<LogSpan> => {
    let span = from;
    for (let step = FIRST_STEP; !reachesBackTo(span, sinceEpochMs); step = Math.min(4 * step, LONGEST_STEP)) {
      span = await goBack(tenant, span, step);
    }
    return span;
  };

  return {
    async reach(tenant, sinceEpochMs) {
      return goBackTo(tenant, remembered(tenant) ?? (await fromTheEnd(tenant)), sinceEpochMs);
    },

    async catchUp(tenant, span, sinceEpochMs) {
      const range = { from: span.next, to: span.next + MOST_MISSED - 1 };
      const newer = contiguousFrom(span.next, (await rows.between(tenant, range)).found);
      if (newer.length < MOST_MISSED) return newer.map(traceOf).reduce(withNewer, span);
      return goBackTo(tenant, await fromTheEnd(tenant), sinceEpochMs);
    },

    remember: memory.set,
  };
}

/** Blocks that follow each other from a number on: one partition may have been read before the other. */
export function contiguousFrom(number: number, inOrder: readonly BlockRow[]): readonly BlockRow[] {
  const gap = inOrder.findIndex((row, index) => row.number !== number + index);
  return gap < 0 ? inOrder : inOrder.slice(0, gap);
}
