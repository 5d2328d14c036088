import { availableParallelism } from 'node:os';
import type { Assembly } from '../assembly/assembly.ts';
import type { Faults } from '../gateway/faults.ts';
import type { Meter } from '../gateway/metering/usage.ts';
import type { Gateway } from '../gateway/service-call.ts';
import type { Clock } from '../host/clock.ts';
import { type FunctionSpec, readFunctionSpec } from './function-spec.ts';
import { readFunctionUrls } from './function-urls.ts';
import { createHostedFunction, type HostedFunction, MAX_PAYLOAD_BYTES } from './hosted-function.ts';
import type { InvocationResult, LambdaHost, ResponseSink } from './invocation.ts';
import type { PoolLimits } from './workers/pool.ts';
import { createTaskRoots } from './workers/task-roots.ts';

export interface LambdaHostOptions {
  readonly assembly: Assembly;
  readonly gateway: Pick<Gateway, 'endpoint' | 'issueCredentials' | 'onCrash'>;
  readonly clock: Clock;
  readonly meter: Meter;
  readonly faults: Faults;
  /** Variables that functions have on this machine alone. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Number of workers that may be at work at once; default `WORKERS_PER_FUNCTION`. */
  readonly workersPerFunction?: number;
  /** Takes the warnings and errors of the functions; default is standard error. */
  readonly show?: (line: string) => void;
}

/** Names of Lambda's own refusals and failures, as `errorType` of a result. */
export const THROTTLED = 'TooManyRequestsException';
export const EVENT_TOO_LARGE = 'RequestEntityTooLargeException';
export const SERVICE_FAILED = 'ServiceException';

/**
 * Workers of one function. More than there are cores only share them, and each billed duration grows:
 * measured, 4 on 2 cores cost 4 % more.
 */
export const WORKERS_PER_FUNCTION = Math.max(2, Math.min(4, availableParallelism()));

/** The concurrency of a new AWS account. */
const MOST_WORKERS = 10;
/**
 * Workers of a function whose URL streams. Each reader holds a worker that mostly waits, so all may be at
 * work; one more reader is refused, as Lambda refuses beyond a function's concurrency.
 */
const MOST_STREAMING_WORKERS = 20;

/** Runs the functions of an assembly in worker threads, started at their first invocation. */
export function createLambdaHost(options: LambdaHostOptions): LambdaHost {
  const { assembly, gateway, clock, meter, faults } = options;
  const taskRoots = createTaskRoots();
  const deps = {
    ...{ region: assembly.region, gateway, clock, meter, taskRoots },
    environment: options.environment ?? {},
    show: options.show ?? console.error,
  };
  const streaming = streamingFunctions(assembly);
  const limitsOf = (spec: FunctionSpec): PoolLimits =>
    streaming.has(spec.logicalId)
      ? streamingLimits(spec)
      : { atWork: options.workersPerFunction ?? WORKERS_PER_FUNCTION, workers: MOST_WORKERS };
  const functions = new Map<string, HostedFunction>(
    assembly
      .byType('AWS::Lambda::Function')
      .map(readFunctionSpec)
      .map((spec) => [spec.logicalId, createHostedFunction(spec, limitsOf(spec), deps)]),
  );
  const killWorker = (workerId: string) => {
    for (const { pool } of functions.values()) void pool.find(workerId)?.kill();
  };
  gateway.onCrash(killWorker);

  return {
    invoke: async (functionLogicalId, event, sink) => {
      const hosted = functions.get(functionLogicalId);
      if (!hosted) throw new Error(`The template has no function ${functionLogicalId}`);
      if (streaming.has(functionLogicalId) && hosted.pool.isFull())
        return refuse(THROTTLED, 'Rate Exceeded.');
      return invokeDisturbed(hosted, JSON.stringify(event), faults, sink);
    },
    killWorker,
    close: async () => {
      await Promise.all([...functions.values()].map(({ pool }) => pool.close()));
      await taskRoots.remove();
    },
  };
}

function streamingFunctions(assembly: Assembly): ReadonlySet<string> {
  const urls = readFunctionUrls(assembly).filter(({ isStreaming }) => isStreaming);
  return new Set(urls.map(({ target }) => target.logicalId));
}

function streamingLimits({ reservedConcurrency = MOST_STREAMING_WORKERS }: FunctionSpec): PoolLimits {
  const workers = Math.min(reservedConcurrency, MOST_STREAMING_WORKERS);
  return { atWork: workers, workers };
}

async function invokeDisturbed(
  hosted: HostedFunction,
  event: string,
  faults: Faults,
  sink?: ResponseSink,
): Promise<InvocationResult> {
  if (Buffer.byteLength(event) > MAX_PAYLOAD_BYTES)
    return refuse(EVENT_TOO_LARGE, `Request must be smaller than ${MAX_PAYLOAD_BYTES} bytes`);

  const fault = faults.roll('lambda', 'Invoke');
  if (fault.kind === 'throttle') return refuse(THROTTLED, 'Rate Exceeded.');
  if (fault.kind === 'error') return refuse(SERVICE_FAILED, 'Service encountered an error.');
  if (fault.kind === 'latency') await new Promise((resolve) => setTimeout(resolve, fault.ms));

  const result = await hosted.run(event, fault, sink);
  if (fault.kind !== 'reply-lost') return result;
  return { ...refuse(SERVICE_FAILED, 'The connection was lost.'), durationMs: result.durationMs };
}

const refuse = (errorType: string, message: string) =>
  ({ kind: 'error', errorType, message, durationMs: 0 }) as const;
