import type { FunctionWorker, WorkerReply } from './function-worker.ts';

/** A worker lent for one invocation, or why none could be started. */
export type Lease =
  | { readonly kind: 'worker'; readonly worker: FunctionWorker; readonly initMs: number }
  | { readonly kind: 'unavailable'; readonly reply: WorkerReply };

export interface WorkerPool {
  /** Waits its turn where all workers are busy. `initMs` is 0 for a warm worker. */
  acquire(): Promise<Lease>;
  release(worker: FunctionWorker): void;
  find(workerId: string): FunctionWorker | undefined;
  close(): Promise<void>;
}

const WARM = 0;

/** Lends the workers of one function, the last used first, and starts new ones up to `size`. */
export function createWorkerPool(size: number, startWorker: () => Promise<FunctionWorker>): WorkerPool {
  const idle: FunctionWorker[] = [];
  const alive = new Set<FunctionWorker>();
  const waiting: ((lease: Promise<Lease>) => void)[] = [];
  let isClosed = false;
  let count = 0;

  const drop = (worker?: FunctionWorker) => {
    count -= 1;
    if (worker) alive.delete(worker);
    void worker?.kill();
    if (waiting.length > 0) waiting.shift()?.(start());
  };

  const start = async (): Promise<Lease> => {
    if (isClosed) return { kind: 'unavailable', reply: { kind: 'exited' } };
    count += 1;
    let worker: FunctionWorker | undefined;
    try {
      worker = await startWorker();
      alive.add(worker);
      const reply = await worker.started;
      if (reply.kind === 'ready') return { kind: 'worker', worker, initMs: reply.initMs };
      drop(worker);
      return { kind: 'unavailable', reply };
    } catch (error) {
      drop(worker);
      throw error;
    }
  };

  const takeIdle = () => {
    for (let worker = idle.pop(); worker; worker = idle.pop())
      if (worker.hasExited()) drop(worker);
      else return worker;
    return undefined;
  };

  return {
    acquire: () => {
      const worker = takeIdle();
      if (worker) return Promise.resolve({ kind: 'worker', worker, initMs: WARM });
      if (count < size) return start();
      return new Promise((resolve) => waiting.push(resolve));
    },
    release: (worker) => {
      if (worker.hasExited()) return drop(worker);
      const next = waiting.shift();
      if (next) next(Promise.resolve({ kind: 'worker', worker, initMs: WARM }));
      else idle.push(worker);
    },
    find: (workerId) => [...alive].find(({ id }) => id === workerId),
    close: async () => {
      isClosed = true;
      for (const waiter of waiting.splice(0)) waiter(start());
      await Promise.all([...alive].map((worker) => worker.kill()));
    },
  };
}
