import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { FunctionLogs } from '../function-logs.ts';
import type { FunctionSpec } from '../function-spec.ts';
import type { ResponseSink } from '../invocation.ts';
import type { HostMessage, InvokeRequest, StreamMessage, WorkerMessage, WorkerSeed } from './protocol.ts';

/**
 * Room for young objects that a thread begins with, in MB. From V8's own 1 MB a young thread collects its garbage all the
 * time, and a local cloud is a dozen of young threads: measured, 6 % of the CPU of its first 500 mails.
 */
const YOUNG_MB = 8;
setFlagsFromString(`--min-semi-space-size=${YOUNG_MB}`);

interface FunctionWorkerOptions {
  readonly id: string;
  readonly spec: FunctionSpec;
  readonly environment: Record<string, string>;
  readonly seed: WorkerSeed;
  readonly logs: FunctionLogs;
}

export type WorkerReply = WorkerMessage | { readonly kind: 'exited' };

/** One execution environment: one thread, one invocation at a time. */
export interface FunctionWorker {
  readonly id: string;
  /** Reply to the start: `ready`, `init-failed` or `exited`. */
  readonly started: Promise<WorkerReply>;
  /** Invokes the handler: `done`, `streamed`, `failed`, or `exited` when the thread ended first. */
  invoke(request: InvokeRequest, sink: ResponseSink): Promise<WorkerReply>;
  hasExited(): boolean;
  /** Ends the thread at once, in the middle of its work too. */
  kill(): Promise<void>;
}

/** Starts a thread that loads the function's bundle. */
export function startFunctionWorker({
  id,
  spec,
  environment,
  seed,
  logs,
}: FunctionWorkerOptions): FunctionWorker {
  const worker = new Worker(new URL('./worker-start.js', import.meta.url), {
    name: id,
    env: environment,
    workerData: seed,
    stdout: true,
    stderr: true,
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: spec.memoryMb },
  });
  logs.follow(worker.stdout, false);
  logs.follow(worker.stderr, true);

  let hasExited = false;
  let settle: ((reply: WorkerReply) => void) | undefined;
  let sink: ResponseSink | undefined;
  const nextReply = () =>
    new Promise<WorkerReply>((resolve) => {
      if (hasExited) resolve({ kind: 'exited' });
      else settle = resolve;
    });
  const exit = () => {
    hasExited = true;
    settle?.({ kind: 'exited' });
  };
  const tell = (message: HostMessage) => worker.postMessage(message);
  worker.on('message', async (message: WorkerMessage | StreamMessage) => {
    if (message.kind === 'head') return sink?.begin(message.head);
    if (message.kind !== 'chunk') return settle?.(message);
    await sink?.write(message.bytes);
    tell({ kind: 'continue', requestId: message.requestId });
  });
  // Node prints nothing for a thread's uncaught error once it is listened to.
  worker.on('error', (error) => logs.report(String(error instanceof Error ? error.stack : error)));
  worker.on('exit', exit);

  return {
    id,
    started: nextReply(),
    invoke: (request, takes) => {
      sink = takes;
      const reply = nextReply();
      tell({ kind: 'invoke', ...request });
      return reply;
    },
    hasExited: () => hasExited,
    kill: async () => {
      exit();
      await worker.terminate();
    },
  };
}
