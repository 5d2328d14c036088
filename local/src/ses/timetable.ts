import type { Clock } from '../host/clock.ts';

export interface Timetable {
  /** Runs `task` once the clock has reached `epochMs`, at once when an advance passes it. */
  at(epochMs: number, task: () => void): void;
  /** Forgets everything that has not run, and takes no more. */
  close(): void;
}

/** Longest timer: setTimeout fires at once beyond 2^31-1 ms. */
const MAX_TIMER_MS = 2 ** 31 - 1;

interface Entry {
  readonly epochMs: number;
  readonly task: () => void;
  timer: NodeJS.Timeout | undefined;
}

/** Timers that keep to the local clock, which can jump while timers keep real time. */
export function createTimetable(clock: Clock): Timetable {
  const entries = new Set<Entry>();
  let closed = false;

  const run = (entry: Entry) => {
    clearTimeout(entry.timer);
    if (entries.delete(entry)) entry.task();
  };
  const arm = (entry: Entry) =>
    setTimeout(() => run(entry), Math.min(MAX_TIMER_MS, Math.max(0, entry.epochMs - clock.now())));

  clock.onAdvance(() => {
    for (const entry of [...entries].sort((a, b) => a.epochMs - b.epochMs)) {
      clearTimeout(entry.timer);
      if (entry.epochMs <= clock.now()) run(entry);
      else entry.timer = arm(entry);
    }
  });

  return {
    at: (epochMs, task) => {
      if (closed) return;
      const entry: Entry = { epochMs, task, timer: undefined };
      entry.timer = arm(entry);
      entries.add(entry);
    },
    close: () => {
      closed = true;
      for (const entry of entries) clearTimeout(entry.timer);
      entries.clear();
    },
  };
}
