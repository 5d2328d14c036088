import { setImmediate as othersRan } from 'node:timers/promises';
import type { Clock } from '../../../shared/base/ports.ts';

export interface VirtualTime {
  readonly clock: Clock;
  readonly sleep: (ms: number) => Promise<void>;
  /** Lets whatever was started go on until nothing is left to wake up; throws what it threw. */
  run<T>(work: Promise<T>): Promise<T>;
}

/** Time that passes only while everybody sleeps: days in a second, and the same order each time. */
export function createVirtualTime(startEpochMs: number): VirtualTime {
  let nowEpochMs = startEpochMs;
  const sleepers = new Map<number, (() => void)[]>();
  const times: number[] = [];

  const sleep = (ms: number) =>
    new Promise<void>((wake) => {
      const atEpochMs = nowEpochMs + Math.max(0, Math.ceil(ms));
      const others = sleepers.get(atEpochMs);
      if (others !== undefined) others.push(wake);
      else {
        sleepers.set(atEpochMs, [wake]);
        times.splice(lowerBound(times, atEpochMs), 0, atEpochMs);
      }
    });

  return {
    clock: { nowEpochMs: () => nowEpochMs },
    sleep,
    async run(work) {
      let isDone = false;
      const finished = work.finally(() => {
        isDone = true;
      });
      finished.catch(() => {});
      for (;;) {
        await othersRan();
        if (isDone) return finished;
        const next = times.shift();
        if (next === undefined) throw new Error('Everybody waits for something that never comes.');
        nowEpochMs = Math.max(nowEpochMs, next);
        const awake = sleepers.get(next) ?? [];
        sleepers.delete(next);
        for (const wake of awake) wake();
      }
    },
  };
}

function lowerBound(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Chance that is the same each time (mulberry32). */
export function createChance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
