import type { FunctionWorker } from './worker.ts';

/** Number of workers of one function that are at work, those that start included. */
interface WorkCount {
  value(): number;
  begin(): void;
  /** Ends a start of which no worker came. */
  abort(): void;
  /** Notes that a worker is lent: from here on it ends by itself where the worker is lent for long. */
  lend(worker: FunctionWorker): void;
  giveBack(worker: FunctionWorker): void;
  close(): void;
}

/** A worker lent this long waits for something and needs no core: another may work meanwhile, as it would on AWS. */
const WAITING_MS = 1000;

/** Calls `onWaiting` after a worker has begun to count as waiting. */
export function createWorkCount(onWaiting: () => void): WorkCount {
  /** The timer of each lease; none once its worker counts as waiting. */
  const leases = new Map<FunctionWorker, NodeJS.Timeout>();
  let atWork = 0;

  return {
    value: () => atWork,
    begin: () => {
      atWork += 1;
    },
    abort: () => {
      atWork -= 1;
    },
    lend: (worker) => {
      const wait = () => {
        leases.delete(worker);
        atWork -= 1;
        onWaiting();
      };
      leases.set(worker, setTimeout(wait, WAITING_MS));
    },
    giveBack: (worker) => {
      const timer = leases.get(worker);
      if (timer === undefined) return;
      leases.delete(worker);
      clearTimeout(timer);
      atWork -= 1;
    },
    close: () => {
      for (const timer of leases.values()) clearTimeout(timer);
    },
  };
}
