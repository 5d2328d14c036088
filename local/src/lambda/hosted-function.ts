import { randomUUID } from 'node:crypto';
import type { FaultDecision } from '../gateway/faults.ts';
import type { Meter } from '../gateway/metering/usage.ts';
import type { Gateway } from '../gateway/service-call.ts';
import type { Clock } from '../host/clock.ts';
import { collectResponse } from './collect-response.ts';
import { createFunctionLogs, type FunctionLogs } from './function-logs.ts';
import type { FunctionSpec } from './function-spec.ts';
import type { InvocationResult, ResponseSink } from './invocation.ts';
import { createWorkerPool, type Lease, type PoolLimits, type WorkerPool } from './workers/pool.ts';
import { buildEnvironment } from './workers/runtime-environment.ts';
import type { TaskRoots } from './workers/task-roots.ts';
import { type FunctionWorker, startFunctionWorker, type WorkerReply } from './workers/worker.ts';

interface HostedFunctionDeps {
  readonly region: string;
  readonly gateway: Pick<Gateway, 'endpoint' | 'issueCredentials'>;
  readonly clock: Clock;
  readonly meter: Meter;
  readonly taskRoots: TaskRoots;
  readonly environment: Readonly<Record<string, string>>;
  readonly show: (line: string) => void;
}

export interface HostedFunction {
  readonly pool: WorkerPool;
  /** Runs the function. `event` is JSON; without a sink what is streamed becomes the payload. */
  run(event: string, fault: FaultDecision, sink?: ResponseSink): Promise<InvocationResult>;
}

/** Largest event and largest answer of a synchronous invocation, in bytes (Lambda quotas). */
export const MAX_PAYLOAD_BYTES = 6_291_556;

const CRASHED: InvocationResult = { kind: 'crashed', durationMs: 0 };

/** One function of the template with its workers. */
export function createHostedFunction(
  spec: FunctionSpec,
  limits: PoolLimits,
  deps: HostedFunctionDeps,
): HostedFunction {
  const logs = createFunctionLogs(spec, deps.meter, deps.show);
  const bill = createBilling(spec, deps.meter);
  const pool = createWorkerPool(limits, () => startWorker(spec, logs, deps));

  const runOn = async (
    worker: FunctionWorker,
    event: string,
    sink?: ResponseSink,
  ): Promise<InvocationResult> => {
    const startedAt = performance.now();
    const request = { requestId: randomUUID(), event };
    const collected = collectResponse();
    const reply = await withinTimeout(worker.invoke(request, sink ?? collected.sink), spec.timeoutMs);
    if (reply === 'timeout') {
      logs.report(`${request.requestId} Task timed out after ${(spec.timeoutMs / 1000).toFixed(2)} seconds`);
      void worker.kill();
      return { kind: 'timeout', durationMs: spec.timeoutMs };
    }
    if (reply.kind === 'streamed') return toAnswer(sink ? 'null' : collected.payload(), reply.durationMs);
    return toResult(reply, performance.now() - startedAt);
  };

  const runLeased = async (
    lease: Lease,
    event: string,
    fault: FaultDecision,
    sink?: ResponseSink,
  ): Promise<InvocationResult> => {
    if (lease.kind === 'unavailable') return toResult(lease.reply, 0);
    const { worker, initMs } = lease;
    try {
      if (fault.kind === 'crash' && fault.when === 'before') return CRASHED;
      const result = await runOn(worker, event, sink);
      bill(result.durationMs, initMs);
      logs.platformLines();
      return fault.kind === 'crash' ? { kind: 'crashed', durationMs: result.durationMs } : result;
    } finally {
      if (fault.kind === 'crash') await worker.kill();
      pool.release(worker);
    }
  };

  return { pool, run: async (event, fault, sink) => runLeased(await pool.acquire(), event, fault, sink) };
}

async function startWorker(spec: FunctionSpec, logs: FunctionLogs, deps: HostedFunctionDeps) {
  const taskRoot = await deps.taskRoots.prepare(spec);
  const id = `${spec.label}-${randomUUID()}`;
  const { region, gateway, clock } = deps;
  const environment = buildEnvironment(spec, {
    region,
    endpoint: gateway.endpoint,
    environment: deps.environment,
    taskRoot,
    credentials: gateway.issueCredentials(spec.logicalId, id),
  });
  return startFunctionWorker({
    id,
    spec,
    environment,
    logs,
    seed: createSeed(spec, taskRoot, clock.offsetCell),
  });
}

const createSeed = (spec: FunctionSpec, taskRoot: string, offsetCell: SharedArrayBuffer) => ({
  ...{ taskRoot, offsetCell },
  handler: spec.handler,
  functionName: spec.name,
  functionArn: spec.arn,
  memoryMb: spec.memoryMb,
  timeoutMs: spec.timeoutMs,
  logging: spec.logging,
});

function toResult(reply: WorkerReply, elapsedMs: number): InvocationResult {
  switch (reply.kind) {
    case 'done':
      return toAnswer(reply.payload, reply.durationMs);
    case 'failed':
      return { kind: 'error', ...pickError(reply), durationMs: reply.durationMs };
    case 'init-failed':
      return { kind: 'error', ...pickError(reply), durationMs: elapsedMs };
    default:
      return { kind: 'crashed', durationMs: elapsedMs };
  }
}

const pickError = ({ errorType, message }: { errorType: string; message: string }) => ({
  errorType,
  message,
});

function toAnswer(payload: string, durationMs: number): InvocationResult {
  if (Buffer.byteLength(payload) <= MAX_PAYLOAD_BYTES)
    return { kind: 'ok', payload: JSON.parse(payload), durationMs };
  return {
    kind: 'error',
    errorType: 'Function.ResponseSizeTooLarge',
    message: `Response payload size exceeded maximum allowed payload size (${MAX_PAYLOAD_BYTES} bytes).`,
    durationMs,
  };
}

/** Real time: a function that hangs must end although the clock stands still. */
async function withinTimeout<T>(work: Promise<T>, timeoutMs: number): Promise<T | 'timeout'> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<'timeout'>((resolve) => {
    timer = setTimeout(() => resolve('timeout'), timeoutMs);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** The first invocation of a worker also pays for its init, as all do since 1 August 2025. */
function createBilling(spec: FunctionSpec, meter: Meter) {
  return (durationMs: number, initMs: number) =>
    meter.record({
      functionName: spec.label,
      service: 'lambda',
      operation: 'Invoke',
      requests: 1,
      units: (Math.ceil(durationMs + initMs) / 1000) * (spec.memoryMb / 1024),
      unit: 'GB-s',
    });
}
