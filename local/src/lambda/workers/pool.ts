import { createLiveWorkers } from './live-workers.ts';
import { createWorkCount } from './work-count.ts';
import type { FunctionWorker, WorkerReply } from './worker.ts';

/** A worker lent for one invocation, or why none could be started. */
export type Lease =
  | { readonly kind: 'worker'; readonly worker: FunctionWorker; readonly initMs: number }
  | { readonly kind: 'unavailable'; readonly reply: WorkerReply };

export interface PoolLimits {
  /** Number of workers that may be at work at once. */
  readonly atWork: number;
  /** Number of workers there may be, those that wait for something included. */
  readonly workers: number;
}

export interface WorkerPool {
  /** Tells whether the next lease would wait for another to be given back. */
  isFull(): boolean;
  /** Lends a worker; waits its turn where enough workers are at work. `initMs` is 0 for a warm worker. */
  acquire(): Promise<Lease>;
  release(worker: FunctionWorker): void;
  find(workerId: string): FunctionWorker | undefined;
  close(): Promise<void>;
}

/** Lends the workers of one function, the last used first. */
export function createWorkerPool(limits: PoolLimits, startWorker: () => Promise<FunctionWorker>): WorkerPool {
  const queue: ((lease: Promise<Lease>) => void)[] = [];
  let isClosed = false;
  const isFull = () => !workers.hasIdle() && workers.count() >= limits.workers;
  const mayLend = () => isClosed || (work.value() < limits.atWork && !isFull());
  const serveQueue = () => {
    while (queue.length > 0 && mayLend()) queue.shift()?.(grant());
  };
  const workers = createLiveWorkers(startWorker);
  const work = createWorkCount(serveQueue);

  const grant = async (): Promise<Lease> => {
    if (isClosed) return { kind: 'unavailable', reply: { kind: 'exited' } };
    work.begin();
    const warm = workers.takeIdle();
    return warm ? lend(warm, 0) : start();
  };
  const lend = (worker: FunctionWorker, initMs: number): Lease => {
    work.lend(worker);
    return { kind: 'worker', worker, initMs };
  };
  const start = async (): Promise<Lease> => {
    try {
      const { worker, reply } = await workers.start();
      if (reply.kind === 'ready') return lend(worker, reply.initMs);
      giveUp();
      return { kind: 'unavailable', reply };
    } catch (error) {
      giveUp();
      throw error;
    }
  };
  const giveUp = () => {
    work.abort();
    serveQueue();
  };

  return {
    isFull,
    acquire: () =>
      new Promise((resolve) => {
        queue.push(resolve);
        serveQueue();
      }),
    release: (worker) => {
      work.giveBack(worker);
      workers.giveBack(worker);
      serveQueue();
    },
    find: workers.find,
    close: async () => {
      isClosed = true;
      serveQueue();
      work.close();
      await workers.killAll();
    },
  };
}
