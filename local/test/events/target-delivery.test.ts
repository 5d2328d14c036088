import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { aHostedResource, jsonReply } from '../support/hosted-world.ts';
import { aQueue, aRule, QUEUE_ARN, RULE_ARN, settle, start } from '../support/rule-world.ts';

describe('the default event bus', () => {
  const bounces = (target: Record<string, unknown> = {}) =>
    aRule({ EventPattern: { detail: { eventType: ['Bounce'] } } }, { Arn: QUEUE_ARN, ...target });
  const bounce = { source: 'aws.ses', detail: { eventType: 'Bounce' } };

  test('the bus sends a matching event to the queue as EventBridge, for the rule', async (t) => {
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

  test('the bus tries again while the queue fails', async (t) => {
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

  test("the bus gives a refused event to the target's dead-letter queue", async (t) => {
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
    ['a constant input', bounces({ Input: '{"part":1}' }), /Input of Rule/],
    ['a part of the event', bounces({ InputPath: '$.detail' }), /InputPath of Rule/],
    ['a transformer', bounces({ InputTransformer: {} }), /InputTransformer of Rule/],
    ['a schedule', aRule({ ScheduleExpression: 'rate(1 week)' }, { Arn: QUEUE_ARN }), /rate\(1 week\)/],
  ] as const)
    test(`stops the start by name for ${title} that it does not know`, (t) => {
      assert.throws(() => start(t, [aQueue, rule]), expected);
    });
});
