/** The Node runtime inside one worker thread: loads the bundle once, then answers one invocation at a time. */
import { randomUUID } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { installClock } from '../clock.ts';
import { type LambdaContext, type LambdaHandler, loadHandler } from './load-handler.ts';
import { installConsole } from './worker-console.ts';
import type { InvokeRequest, WorkerMessage, WorkerSeed } from './worker-protocol.ts';

const seed = workerData as WorkerSeed;
let requestId = randomUUID() as string;

installClock(seed.offsetCell);
installConsole(seed.logging, () => requestId);
await start();

async function start(): Promise<void> {
  const startedAt = performance.now();
  try {
    const handler = await loadHandler(seed.taskRoot, seed.handler);
    parentPort?.on('message', (request: InvokeRequest) => void invoke(handler, request));
    post({ kind: 'ready', initMs: performance.now() - startedAt });
  } catch (error) {
    console.error(error);
    post({ kind: 'init-failed', ...describe(error) });
  }
}

async function invoke(handler: LambdaHandler, request: InvokeRequest): Promise<void> {
  const startedAt = performance.now();
  requestId = request.requestId;
  try {
    const context = createContext(request.requestId, startedAt + seed.timeoutMs);
    const result = await handler(JSON.parse(request.event), context);
    const payload = JSON.stringify(result) ?? 'null';
    post({ kind: 'done', durationMs: performance.now() - startedAt, payload });
  } catch (error) {
    console.error(error);
    post({ kind: 'failed', durationMs: performance.now() - startedAt, ...describe(error) });
  }
}

function createContext(awsRequestId: string, deadline: number): LambdaContext {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: seed.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: seed.functionArn,
    memoryLimitInMB: String(seed.memoryMb),
    awsRequestId,
    logGroupName: `/aws/lambda/${seed.functionName}`,
    logStreamName: 'local',
    getRemainingTimeInMillis: () => Math.max(0, Math.round(deadline - performance.now())),
  };
}

function describe(error: unknown): { errorType: string; message: string } {
  if (error instanceof Error) return { errorType: error.name, message: error.message };
  return { errorType: typeof error, message: String(error) };
}

function post(message: WorkerMessage): void {
  parentPort?.postMessage(message);
}
