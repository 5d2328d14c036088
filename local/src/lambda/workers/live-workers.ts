import type { FunctionWorker, WorkerReply } from './worker.ts';

/** The workers of one function, those that start included. */
interface LiveWorkers {
  /** A worker that does not answer `ready` is gone already. */
  start(): Promise<{ readonly worker: FunctionWorker; readonly reply: WorkerReply }>;
  /** The last used first. */
  takeIdle(): FunctionWorker | undefined;
  giveBack(worker: FunctionWorker): void;
  count(): number;
  hasIdle(): boolean;
  find(workerId: string): FunctionWorker | undefined;
  killAll(): Promise<void>;
}

export function createLiveWorkers(startWorker: () => Promise<FunctionWorker>): LiveWorkers {
  const alive = new Set<FunctionWorker>();
  const idle: FunctionWorker[] = [];
  let count = 0;
  const discard = (worker: FunctionWorker | undefined) => {
    count -= 1;
    if (worker) alive.delete(worker);
    void worker?.kill();
  };

  return {
    start: async () => {
      count += 1;
      let worker: FunctionWorker | undefined;
      try {
        worker = await startWorker();
        alive.add(worker);
        const reply = await worker.started;
        if (reply.kind !== 'ready') discard(worker);
        return { worker, reply };
      } catch (error) {
        discard(worker);
        throw error;
      }
    },
    takeIdle: () => {
      for (let worker = idle.pop(); worker; worker = idle.pop())
        if (worker.hasExited()) discard(worker);
        else return worker;
      return undefined;
    },
    giveBack: (worker) => {
      if (worker.hasExited()) discard(worker);
      else idle.push(worker);
    },
    count: () => count,
    hasIdle: () => idle.length > 0,
    find: (workerId) => [...alive].find(({ id }) => id === workerId),
    killAll: async () => {
      await Promise.all([...alive].map((worker) => worker.kill()));
    },
  };
}
