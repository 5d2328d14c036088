import { type FauxqsServer, startFauxqs } from 'fauxqs';
import type { HostedResource } from '../../src/assembly/assembly.ts';
import { createTableStreams } from '../../src/dynamodb/table-streams/table-streams.ts';
import { createEventSources, type EventSources } from '../../src/event-sources.ts';
import type { ServiceRequest, ServiceResponse } from '../../src/gateway/service-call.ts';
import { type Clock, createClock, installClock } from '../../src/host/clock.ts';
import type { InvocationResult } from '../../src/lambda/invocation.ts';
import {
  aHostedAssembly,
  aHostedResource,
  functionArn,
  rememberingGateway,
  rememberingLambda,
} from './hosted-world.ts';

/** One clock for the process: the emulator takes its time from `Date`. */
const clock: Clock = createClock();
installClock(clock.offsetCell);

export interface QueueWorldOptions {
  readonly mapping?: Record<string, unknown>;
  readonly maxReceiveCount?: number;
  readonly more?: readonly HostedResource[];
  readonly answer?: (event: unknown) => InvocationResult | Promise<InvocationResult>;
  /** Stands before the emulator; `undefined` lets the call through. */
  readonly intercept?: (request: ServiceRequest) => ServiceResponse | undefined;
}

/** A queue with a dead-letter queue in the real emulator and a function that remembers, joined by a mapping. */
export async function aQueueWorld(options: QueueWorldOptions = {}) {
  const emulator = await startFauxqs({ port: 0, logger: false, host: '127.0.0.1' });
  const deadLetter = emulator.createQueue('dead');
  const RedrivePolicy = JSON.stringify({
    deadLetterTargetArn: deadLetter.queueArn,
    maxReceiveCount: options.maxReceiveCount ?? 3,
  });
  const queue = emulator.createQueue('send', { attributes: { VisibilityTimeout: '30', RedrivePolicy } });
  const lambda = rememberingLambda(options.answer ?? (() => ({ kind: 'ok', payload: null, durationMs: 1 })));
  const gateway = rememberingGateway(
    async (request) => options.intercept?.(request) ?? forward(emulator, request),
  );
  const warnings: string[] = [];
  const resources = [...theResources(queue, deadLetter, options.mapping), ...(options.more ?? [])];
  const assembly = aHostedAssembly(resources);
  const sources: EventSources = createEventSources({
    ...{ assembly, clock, gatewayCall: gateway.call, lambda },
    streams: createTableStreams({ assembly, clock }),
    warn: (line) => void warnings.push(line),
  });

  return {
    clock,
    emulator,
    gateway,
    lambda,
    sources,
    warnings,
    send: (body: string) => emulator.sendMessage('send', body),
    counts: (name: string) => {
      const messages = emulator.inspectQueue(name)?.messages;
      return { ready: messages?.ready.length ?? 0, inflight: messages?.inflight.length ?? 0 };
    },
    close: async () => {
      await sources.stop();
      await emulator.stop();
    },
  };
}

interface Queue {
  readonly queueUrl: string;
  readonly queueArn: string;
}

function theResources(
  queue: Queue,
  deadLetter: Queue,
  mapping: Record<string, unknown> = {},
): HostedResource[] {
  const asResource = (logicalId: string, { queueUrl, queueArn }: Queue) =>
    aHostedResource('AWS::SQS::Queue', logicalId, {}, { physicalId: queueUrl, arn: queueArn });
  return [
    asResource('Queue', queue),
    asResource('DeadLetterQueue', deadLetter),
    aHostedResource('AWS::Lambda::Function', 'Sender', {}, { arn: functionArn('Sender') }),
    aHostedResource('AWS::Lambda::EventSourceMapping', 'Mapping', {
      EventSourceArn: queue.queueArn,
      FunctionName: 'Sender',
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ...mapping,
    }),
  ];
}

async function forward(emulator: FauxqsServer, request: ServiceRequest): Promise<ServiceResponse> {
  const answer = await fetch(`http://127.0.0.1:${emulator.port}${request.url}`, {
    method: request.method,
    headers: request.headers,
    body: request.body,
  });
  return { status: answer.status, headers: {}, body: Buffer.from(await answer.arrayBuffer()) };
}
