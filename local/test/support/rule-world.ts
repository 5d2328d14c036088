import type { TestContext } from 'node:test';
import type { HostedResource } from '../../src/assembly/assembly.ts';
import { createTableStreams } from '../../src/dynamodb/table-streams/table-streams.ts';
import { createEventSources } from '../../src/event-sources.ts';
import type { ServiceResponse } from '../../src/gateway/service-call.ts';
import { createClock } from '../../src/host/clock.ts';
import type { InvocationResult } from '../../src/lambda/invocation.ts';
import {
  aHostedAssembly,
  aHostedResource,
  functionArn,
  jsonReply,
  okResult,
  rememberingGateway,
  rememberingLambda,
} from './hosted-world.ts';

export const RULE_ARN = 'arn:aws:events:us-east-1:000000000000:rule/Rule';
export const QUEUE_ARN = 'arn:aws:sqs:us-east-1:000000000000:events';

export const aRule = (properties: Record<string, unknown>, target: Record<string, unknown>) =>
  aHostedResource(
    'AWS::Events::Rule',
    'Rule',
    { Targets: [{ Id: 'T', ...target }], ...properties },
    { arn: RULE_ARN },
  );
export const aPermission = (overrides: Record<string, unknown> = {}) =>
  aHostedResource('AWS::Lambda::Permission', 'Permission', {
    Action: 'lambda:InvokeFunction',
    Principal: 'events.amazonaws.com',
    FunctionName: functionArn('Sweep'),
    SourceArn: RULE_ARN,
    ...overrides,
  });
export const aSweep = aHostedResource('AWS::Lambda::Function', 'Sweep', {}, { arn: functionArn('Sweep') });
export const aQueue = aHostedResource(
  'AWS::SQS::Queue',
  'Events',
  {},
  { arn: QUEUE_ARN, physicalId: 'http://q/events' },
);
export const everyMinute = aRule({ ScheduleExpression: 'rate(1 minute)' }, { Arn: functionArn('Sweep') });

interface WorldOptions {
  readonly answer?: () => InvocationResult;
  readonly reply?: () => ServiceResponse;
}

/** Event sources of the resources, started, with a function and queues that remember. */
export function start(t: TestContext, resources: readonly HostedResource[], options: WorldOptions = {}) {
  const clock = createClock();
  const lambda = rememberingLambda(options.answer ?? (() => okResult(null)));
  const gateway = rememberingGateway(options.reply ?? (() => jsonReply(200, { MessageId: '1' })));
  const warnings: string[] = [];
  const assembly = aHostedAssembly(resources);
  const sources = createEventSources({
    ...{ assembly, clock, gatewayCall: gateway.call, lambda },
    streams: createTableStreams({ assembly, clock }),
    warn: (line) => void warnings.push(line),
  });
  t.after(() => sources.stop());
  sources.start();
  return { clock, lambda, gateway, warnings, sources };
}

export const settle = () => new Promise((resolve) => setTimeout(resolve, 20));
