/** Interval at which a waiting receive looks again, as delays, visibility and redrive end without a call. */
const LOOK_MS = 50;

/** Receives that wait for a message. */
export interface Waiting {
  /** Resolves when something came to the queue, and after a moment anyway. */
  pause(queue: string, longestMs: number): Promise<void>;
  wake(queue: string): void;
  isClosed(): boolean;
  close(): void;
}

export function createWaiting(): Waiting {
  const sleepers = new Map<string, Set<() => void>>();
  let hasClosed = false;
  const wake = (queue: string): void => {
    for (const sleeper of [...(sleepers.get(queue) ?? [])]) sleeper();
  };

  return {
    wake,
    isClosed: () => hasClosed,
    close: () => {
      hasClosed = true;
      for (const queue of sleepers.keys()) wake(queue);
    },
    pause: (queue, longestMs) =>
      new Promise((resolve) => {
        const here = sleepers.get(queue) ?? new Set();
        sleepers.set(queue, here);
        const end = () => {
          clearTimeout(timer);
          here.delete(end);
          resolve();
        };
        const timer = setTimeout(end, Math.min(longestMs, LOOK_MS));
        here.add(end);
      }),
  };
}
