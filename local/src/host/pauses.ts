import type { Clock } from './clock.ts';

export interface Pauses {
  /** Resolves when the clock has moved on by `ms`, or at once when everything stops. */
  pause(ms: number): Promise<void>;
  /** Ends every pause, now and later. */
  stop(): void;
}

/** Waits on the local clock: real time passes it, and an advance wakes those whose time has come. */
export function createPauses(clock: Clock): Pauses {
  const sleepers = new Set<() => void>();
  let isStopped = false;
  clock.onAdvance(() => {
    for (const wake of [...sleepers]) wake();
  });

  const sleep = (untilMs: number) =>
    new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        sleepers.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, Math.min(untilMs - clock.now(), LONGEST_TIMER_MS));
      sleepers.add(wake);
    });

  return {
    pause: async (ms) => {
      const untilMs = clock.now() + ms;
      while (!isStopped && clock.now() < untilMs) await sleep(untilMs);
    },
    stop: () => {
      isStopped = true;
      for (const wake of [...sleepers]) wake();
    },
  };
}

/** `setTimeout` takes no more than 2^31 - 1 ms. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
