import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
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
} from '../support/hosted-world.ts';

const RULE_ARN = 'arn:aws:events:us-east-1:000000000000:rule/Rule';
const QUEUE_ARN = 'arn:aws:sqs:us-east-1:000000000000:events';

const aRule = (properties: Record<string, unknown>, target: Record<string, unknown>) =>
  aHostedResource(
    'AWS::Events::Rule',
    'Rule',
    { Targets: [{ Id: 'T', ...target }], ...properties },
    { arn: RULE_ARN },
  );
const aPermission = (overrides: Record<string, unknown> = {}) =>
  aHostedResource('AWS::Lambda::Permission', 'Permission', {
    Action: 'lambda:InvokeFunction',
    Principal: 'events.amazonaws.com',
    FunctionName: functionArn('Sweep'),
    SourceArn: RULE_ARN,
    ...overrides,
  });
const aSweep = aHostedResource('AWS::Lambda::Function', 'Sweep', {}, { arn: functionArn('Sweep') });
const aQueue = aHostedResource(
  'AWS::SQS::Queue',
  'Events',
  {},
  { arn: QUEUE_ARN, physicalId: 'http://q/events' },
);
const everyMinute = aRule({ ScheduleExpression: 'rate(1 minute)' }, { Arn: functionArn('Sweep') });

interface WorldOptions {
  readonly answer?: () => InvocationResult;
  readonly reply?: () => ServiceResponse;
}

function start(t: TestContext, resources: readonly HostedResource[], options: WorldOptions = {}) {
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

const settle = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('a scheduled rule', () => {
  test('fires when the clock passes its time, with a scheduled event', async (t) => {
    const { clock, lambda } = start(t, [aSweep, everyMinute, aPermission()]);
    await settle();
    assert.equal(lambda.invocations.length, 0);
    clock.advance(60);
    await settle();
    const event = lambda.invocations[0]?.event as Record<string, unknown>;
    assert.equal(lambda.invocations.length, 1);
    assert.equal(event['detail-type'], 'Scheduled Event');
    assert.equal(event.source, 'aws.events');
    assert.deepEqual(event.resources, [RULE_ARN]);
  });

  test('catches up with five of the times that a long advance passed', async (t) => {
    const { clock, lambda } = start(t, [aSweep, everyMinute, aPermission()]);
    clock.advance(3600);
    await settle();
    assert.equal(lambda.invocations.length, 5);
    clock.advance(60);
    await settle();
    assert.equal(lambda.invocations.length, 6);
  });

  test('gives the constant input of its target', async (t) => {
    const rule = aRule(
      { ScheduleExpression: 'rate(1 minute)' },
      { Arn: functionArn('Sweep'), Input: '{"part":1}' },
    );
    const { clock, lambda } = start(t, [aSweep, rule, aPermission()]);
    clock.advance(60);
    await settle();
    assert.deepEqual(lambda.invocations[0]?.event, { part: 1 });
  });

  for (const [title, resources] of [
    ['without a permission', [aSweep, everyMinute]],
    ["with another rule's permission", [aSweep, everyMinute, aPermission({ SourceArn: `${RULE_ARN}2` })]],
    [
      "with another service's permission",
      [aSweep, everyMinute, aPermission({ Principal: 'sns.amazonaws.com' })],
    ],
  ] as const)
    test(`does not fire ${title}, and says so`, async (t) => {
      const { clock, lambda, warnings } = start(t, resources);
      clock.advance(60);
      await settle();
      assert.equal(lambda.invocations.length, 0);
      assert.match(warnings[0] ?? '', /no AWS::Lambda::Permission lets it invoke Sweep/);
    });

  test('does not fire while it is disabled', async (t) => {
    const rule = aRule(
      { ScheduleExpression: 'rate(1 minute)', State: 'DISABLED' },
      { Arn: functionArn('Sweep') },
    );
    const { clock, lambda } = start(t, [aSweep, rule, aPermission()]);
    clock.advance(3600);
    await settle();
    assert.equal(lambda.invocations.length, 0);
  });

  test('tries a failed invocation twice more, after one minute and after two', async (t) => {
    const rule = aRule({ ScheduleExpression: 'rate(1 day)' }, { Arn: functionArn('Sweep') });
    const failed = { kind: 'crashed', durationMs: 1 } as const;
    const { clock, lambda } = start(t, [aSweep, rule, aPermission()], { answer: () => failed });
    for (const seconds of [86_400, 60, 120, 600]) {
      clock.advance(seconds);
      await settle();
    }
    assert.equal(lambda.invocations.length, 3);
  });
});

describe('the default event bus', () => {
  const bounces = (target: Record<string, unknown> = {}) =>
    aRule({ EventPattern: { detail: { eventType: ['Bounce'] } } }, { Arn: QUEUE_ARN, ...target });
  const bounce = { source: 'aws.ses', detail: { eventType: 'Bounce' } };

  test('sends a matching event to the queue as EventBridge, for the rule', async (t) => {
    const { sources, gateway } = start(t, [aQueue, bounces()]);
    await sources.eventBus.publish(bounce);
    await sources.eventBus.publish({ detail: { eventType: 'Send' } });

    const [call, ...others] = gateway.calls;
    assert.equal(others.length, 0);
    assert.deepEqual(call?.caller, {
      kind: 'service',
      principal: 'events.amazonaws.com',
      sourceArn: RULE_ARN,
    });
    assert.deepEqual(JSON.parse(String(call?.body)), {
      QueueUrl: 'http://q/events',
      MessageBody: JSON.stringify(bounce),
    });
  });

  test('sends what InputPath names', async (t) => {
    const { sources, gateway } = start(t, [aQueue, bounces({ InputPath: '$.detail' })]);
    await sources.eventBus.publish(bounce);
    const { MessageBody } = JSON.parse(String(gateway.calls[0]?.body)) as { MessageBody: string };
    assert.equal(MessageBody, '{"eventType":"Bounce"}');
  });

  test('tries again while the queue fails', async (t) => {
    let fails = 2;
    const reply = () => jsonReply(fails-- > 0 ? 503 : 200, {});
    const { sources, gateway, clock } = start(t, [aQueue, bounces()], { reply });
    await sources.eventBus.publish(bounce);
    for (const seconds of [1, 2, 4]) {
      clock.advance(seconds);
      await settle();
    }
    assert.equal(gateway.calls.length, 3);
  });

  test("gives a refused event to the target's dead-letter queue", async (t) => {
    const dead = aHostedResource(
      'AWS::SQS::Queue',
      'Dead',
      {},
      { arn: `${QUEUE_ARN}-dead`, physicalId: 'http://q/dead' },
    );
    const rule = bounces({ DeadLetterConfig: { Arn: `${QUEUE_ARN}-dead` } });
    const { sources, gateway, warnings } = start(t, [aQueue, dead, rule], {
      reply: () => jsonReply(403, { __type: 'AccessDeniedException' }),
    });
    await sources.eventBus.publish(bounce);
    const urls = gateway.calls.map(({ body }) => (JSON.parse(String(body)) as { QueueUrl: string }).QueueUrl);
    assert.deepEqual(urls, ['http://q/events', 'http://q/dead']);
    assert.match(warnings[0] ?? '', /AccessDenied/);
  });

  for (const [title, rule, expected] of [
    ['an operator', aRule({ EventPattern: { n: [{ numeric: ['>', 1] }] } }, { Arn: QUEUE_ARN }), /numeric/],
    ['a target', bounces({ Arn: 'arn:aws:kinesis:::stream/x' }), /stream\/x of Rule/],
    ['a transformer', bounces({ InputTransformer: {} }), /InputTransformer of Rule/],
    ['a schedule', aRule({ ScheduleExpression: 'rate(1 week)' }, { Arn: QUEUE_ARN }), /rate\(1 week\)/],
  ] as const)
    test(`stops the start by name for ${title} that it does not know`, (t) => {
      assert.throws(() => start(t, [aQueue, rule]), expected);
    });
});
