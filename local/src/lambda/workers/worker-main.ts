/** The Node runtime inside one worker thread: loads the bundle once, then answers one invocation at a time. */

import { randomUUID } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { installClock } from '../../host/clock.ts';
import { installConsole } from './console.ts';
import type { LambdaContext, LambdaHandler } from './handler.ts';
import { loadHandler } from './load-handler.ts';
import type { HostMessage, InvokeRequest, StreamMessage, WorkerMessage, WorkerSeed } from './protocol.ts';
import { installAwslambda, isStreaming, type StreamingHandler, type StreamLink } from './response-stream.ts';
import { streamAnswer } from './stream-answer.ts';

const seed = workerData as WorkerSeed;
let requestId = randomUUID() as string;
let resume: () => void = () => {};

installClock(seed.offsetCell);
installConsole(seed.logging, () => requestId);
installAwslambda();
await start();

async function start(): Promise<void> {
  const startedAt = performance.now();
  try {
    const handler = await loadHandler(seed.taskRoot, seed.handler);
    parentPort?.on('message', (message: HostMessage) => {
      if (message.kind === 'invoke') void invoke(handler, message);
      else if (message.requestId === requestId) resume();
    });
    post({ kind: 'ready', initMs: performance.now() - startedAt });
  } catch (error) {
    console.error(error);
    post({ kind: 'init-failed', ...describe(error) });
  }
}

async function invoke(handler: LambdaHandler | StreamingHandler, request: InvokeRequest): Promise<void> {
  const startedAt = performance.now();
  const elapsedMs = () => performance.now() - startedAt;
  requestId = request.requestId;
  try {
    const context = createContext(requestId, startedAt + seed.timeoutMs);
    const event: unknown = JSON.parse(request.event);
    if (isStreaming(handler)) {
      await streamAnswer(handler, event, context, createLink(request.requestId));
      return post({ kind: 'streamed', durationMs: elapsedMs() });
    }
    const payload = JSON.stringify(await handler(event, context)) ?? 'null';
    post({ kind: 'done', durationMs: elapsedMs(), payload });
  } catch (error) {
    console.error(error);
    post({ kind: 'failed', durationMs: elapsedMs(), ...describe(error) });
  }
}

/**
 * Creates the link to the host. One chunk is on its way at a time; the stream keeps what is written
 * meanwhile.
 */
function createLink(ownRequestId: string): StreamLink {
  return {
    begin: (head) => post({ kind: 'head', head }),
    send: (bytes) =>
      new Promise((resolve) => {
        resume = resolve;
        // A copy: the bytes of a small Buffer lie in a pool, which would travel whole.
        post({ kind: 'chunk', requestId: ownRequestId, bytes: new Uint8Array(bytes) });
      }),
  };
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

function post(message: WorkerMessage | StreamMessage): void {
  parentPort?.postMessage(message);
}
