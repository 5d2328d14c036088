import type { FunctionWorker, WorkerReply } from './worker.ts';

/** A worker lent for one invocation, or why none could be started. */
export type Lease =
  | { readonly kind: 'worker'; readonly worker: FunctionWorker; readonly initMs: number }
  | { readonly kind: 'unavailable'; readonly reply: WorkerReply };

export interface PoolLimits {
  /** How many may be at work at once. */
  readonly atWork: number;
  /** How many there may be, those that wait for something included. */
  readonly workers: number;
}

export interface WorkerPool {
  /** Whether the next one would wait for another to be given back. */
  isFull(): boolean;
  /** Waits its turn where enough workers are at work. `initMs` is 0 for a warm worker. */
  acquire(): Promise<Lease>;
  release(worker: FunctionWorker): void;
  find(workerId: string): FunctionWorker | undefined;
  close(): Promise<void>;
}

/** Who is lent this long waits for something and needs no core: another may work meanwhile, as it would on AWS. */
const WAITING_MS = 1000;

/** Lends the workers of one function, the last used first. */
export function createWorkerPool(limits: PoolLimits, startWorker: () => Promise<FunctionWorker>): WorkerPool {
  const alive = new Set<FunctionWorker>();
  const idle: FunctionWorker[] = [];
  const queue: ((lease: Promise<Lease>) => void)[] = [];
  /** The timer of each lease; none once its worker counts as waiting. */
  const leases = new Map<FunctionWorker, NodeJS.Timeout | undefined>();
  let isClosed = false;
  let atWork = 0;
  let count = 0;

  const isFull = () => idle.length === 0 && count >= limits.workers;
  const serveQueue = () => {
    const mayLend = () => isClosed || (atWork < limits.atWork && !isFull());
    while (queue.length > 0 && mayLend()) queue.shift()?.(grant());
  };
  const discard = (worker: FunctionWorker | undefined) => {
    count -= 1;
    if (worker) alive.delete(worker);
    void worker?.kill();
  };
  const takeIdle = () => {
    for (let worker = idle.pop(); worker; worker = idle.pop())
      if (worker.hasExited()) discard(worker);
      else return worker;
    return undefined;
  };

  const grant = async (): Promise<Lease> => {
    if (isClosed) return { kind: 'unavailable', reply: { kind: 'exited' } };
    atWork += 1;
    const warm = takeIdle();
    return warm ? lend(warm, 0) : start();
  };
  const start = async (): Promise<Lease> => {
    count += 1;
    let worker: FunctionWorker | undefined;
    try {
      worker = await startWorker();
      alive.add(worker);
      const reply = await worker.started;
      if (reply.kind === 'ready') return lend(worker, reply.initMs);
      giveUp(worker);
      return { kind: 'unavailable', reply };
    } catch (error) {
      giveUp(worker);
      throw error;
    }
  };
  const giveUp = (worker: FunctionWorker | undefined) => {
    atWork -= 1;
    discard(worker);
    serveQueue();
  };
  const lend = (worker: FunctionWorker, initMs: number): Lease => {
    const timer = setTimeout(() => {
      leases.set(worker, undefined);
      atWork -= 1;
      serveQueue();
    }, WAITING_MS);
    leases.set(worker, timer);
    return { kind: 'worker', worker, initMs };
  };

  return {
    isFull,
    acquire: () =>
      new Promise((resolve) => {
        queue.push(resolve);
        serveQueue();
      }),
    release: (worker) => {
      const timer = leases.get(worker);
      leases.delete(worker);
      clearTimeout(timer);
      if (timer !== undefined) atWork -= 1;
      if (worker.hasExited()) discard(worker);
      else idle.push(worker);
      serveQueue();
    },
    find: (workerId) => [...alive].find(({ id }) => id === workerId),
    close: async () => {
      isClosed = true;
      serveQueue();
      for (const timer of leases.values()) clearTimeout(timer);
      await Promise.all([...alive].map((worker) => worker.kill()));
    },
  };
}
