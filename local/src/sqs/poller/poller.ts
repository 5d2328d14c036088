import type { Caller, Gateway } from '../../gateway/service-call.ts';
import type { Pauses } from '../../host/pauses.ts';
import { retryDelay } from '../../lambda/event-source-mapping/retry-delay.ts';
import type { InvocationResult, LambdaHost } from '../../lambda/invocation.ts';
import { THROTTLED } from '../../lambda/lambda-host.ts';
import { callSqs, type ReceivedMessage } from '../client.ts';
import { findSucceeded, toSqsEvent } from './event.ts';
import type { SqsMapping } from './mapping.ts';

interface SqsPollerDeps {
  readonly region: string;
  readonly gatewayCall: Gateway['call'];
  readonly lambda: Pick<LambdaHost, 'invoke'>;
  readonly pauses: Pauses;
  /** Invocations that one function can have at once; more would only wait with their messages invisible. */
  readonly workersPerFunction: number;
  readonly warn: (line: string) => void;
}

interface SqsPoller {
  /** Takes no more messages; resolves when the invocations under way have ended. */
  stop(): Promise<void>;
}

const MAX_RECEIVE = 10;
/** Lambda's own pollers hold their receives this long too, which is what makes an idle queue cheap. */
const LONG_POLL_SECONDS = 20;
const MAX_BATCH_BYTES = 6 * 1024 * 1024;
/** Time that messages gather within a batching window, so that one receive brings many. */
const GATHER_PAUSE_MS = 100;
const THROTTLE_RETRIES = 5;

/** Reads a queue for a function as its event source mapping says: one receiving loop, several invocations. */
export function startSqsPoller(mapping: SqsMapping, deps: SqsPollerDeps): SqsPoller {
  const { target } = mapping;
  const caller: Caller = {
    kind: 'function',
    functionLogicalId: target.logicalId,
    functionName: target.functionName ?? target.logicalId,
    workerId: `event-source-${mapping.logicalId}`,
  };
  const call = <T>(operation: string, input: Readonly<Record<string, unknown>>) =>
    callSqs<T>(deps.gatewayCall, caller, operation, { QueueUrl: mapping.queueUrl, ...input });
  const slots = Math.min(mapping.maximumConcurrency, deps.workersPerFunction);
  const running = new Set<Promise<void>>();
  let isStopped = false;

  const takeBatch = async () => {
    const messages = await gatherBatch(mapping, call, deps.pauses);
    if (messages.length === 0 || isStopped) return;
    const work = handleBatch(mapping, messages, call, deps).finally(() => running.delete(work));
    running.add(work);
    if (running.size >= slots) await Promise.race(running);
  };
  const loop = async () => {
    for (let failures = 0; !isStopped; ) {
      const error = await takeBatch().then(() => undefined, String);
      if (error !== undefined && failures === 0 && !isStopped) deps.warn(`${mapping.logicalId}: ${error}`);
      failures = error === undefined ? 0 : failures + 1;
      if (failures > 0) await deps.pauses.pause(retryDelay(failures - 1));
    }
  };
  void loop();

  return {
    stop: async () => {
      isStopped = true;
      await Promise.allSettled(running);
    },
  };
}

type CallQueue = <T>(operation: string, input: Readonly<Record<string, unknown>>) => Promise<T>;

/** One batch: what the first receive brings, then what comes within the window, up to the batch size and 6 MB. */
async function gatherBatch(
  { batchSize, windowMs }: SqsMapping,
  call: CallQueue,
  pauses: Pauses,
): Promise<ReceivedMessage[]> {
  const batch = await receive(call, Math.min(batchSize, MAX_RECEIVE), LONG_POLL_SECONDS);
  const endsAt = performance.now() + windowMs;

  for (
    let bytes = countBytes(batch);
    batch.length > 0 && batch.length < batchSize && bytes < MAX_BATCH_BYTES;
  ) {
    if (batch.length % MAX_RECEIVE !== 0) await pauses.pause(GATHER_PAUSE_MS);
    const leftMs = endsAt - performance.now();
    if (leftMs <= 0) break;
    const more = await receive(
      call,
      Math.min(batchSize - batch.length, MAX_RECEIVE),
      Math.ceil(leftMs / 1000),
    );
    batch.push(...more);
    bytes += countBytes(more);
  }
  return batch;
}

async function receive(call: CallQueue, count: number, waitSeconds: number): Promise<ReceivedMessage[]> {
  const { Messages = [] } = await call<{ Messages?: ReceivedMessage[] }>('ReceiveMessage', {
    MaxNumberOfMessages: count,
    WaitTimeSeconds: Math.min(waitSeconds, LONG_POLL_SECONDS),
    AttributeNames: ['All'],
    MessageAttributeNames: ['All'],
  });
  return Messages;
}

const countBytes = (messages: readonly ReceivedMessage[]): number =>
  messages.reduce((sum, { Body }) => sum + Buffer.byteLength(Body), 0);

/** What is not deleted here comes back after its visibility time-out. */
async function handleBatch(
  mapping: SqsMapping,
  messages: readonly ReceivedMessage[],
  call: CallQueue,
  deps: SqsPollerDeps,
): Promise<void> {
  try {
    const event = toSqsEvent(messages, { queueArn: mapping.queueArn, region: deps.region });
    const result = await invokeUnthrottled(mapping.target.logicalId, event, deps);
    const done = findSucceeded(messages, result, mapping.reportsItemFailures);
    for (let start = 0; start < done.length; start += MAX_RECEIVE)
      await deleteMessages(call, done.slice(start, start + MAX_RECEIVE));
  } catch (error) {
    deps.warn(`${mapping.logicalId}: ${String(error)}`);
  }
}

/** A throttled poller backs off and tries again before it gives the batch back. */
async function invokeUnthrottled(
  functionLogicalId: string,
  event: unknown,
  { lambda, pauses }: SqsPollerDeps,
): Promise<InvocationResult> {
  for (let attempt = 0; ; attempt += 1) {
    const result = await lambda.invoke(functionLogicalId, event);
    const isThrottled = result.kind === 'error' && result.errorType === THROTTLED;
    if (!isThrottled || attempt === THROTTLE_RETRIES) return result;
    await pauses.pause(retryDelay(attempt));
  }
}

async function deleteMessages(call: CallQueue, messages: readonly ReceivedMessage[]): Promise<void> {
  const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
  for (let attempt = 0; ; attempt += 1) {
    try {
      return void (await call('DeleteMessageBatch', { Entries }));
    } catch (error) {
      // A delete that fails for good only means that the messages are seen twice.
      if (attempt === 2) throw error;
    }
  }
}
