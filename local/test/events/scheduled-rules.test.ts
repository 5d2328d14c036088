import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { functionArn } from '../support/hosted-world.ts';
import { aPermission, aRule, aSweep, everyMinute, RULE_ARN, settle, start } from '../support/rule-world.ts';

describe('a scheduled rule', () => {
  test('a rule fires when the clock passes its time, with a scheduled event', async (t) => {
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

  test('a rule catches up with five of the times that a long advance passed', async (t) => {
    const { clock, lambda } = start(t, [aSweep, everyMinute, aPermission()]);
    clock.advance(3600);
    await settle();
    assert.equal(lambda.invocations.length, 5);
    clock.advance(60);
    await settle();
    assert.equal(lambda.invocations.length, 6);
  });

  for (const [title, resources] of [
    ['without a permission', [aSweep, everyMinute]],
    ["with another rule's permission", [aSweep, everyMinute, aPermission({ SourceArn: `${RULE_ARN}2` })]],
    [
      "with another service's permission",
      [aSweep, everyMinute, aPermission({ Principal: 'sns.amazonaws.com' })],
    ],
  ] as const)
    test(`a rule does not fire ${title}, and says so`, async (t) => {
      const { clock, lambda, warnings } = start(t, resources);
      clock.advance(60);
      await settle();
      assert.equal(lambda.invocations.length, 0);
      assert.match(warnings[0] ?? '', /no AWS::Lambda::Permission lets it invoke Sweep/);
    });

  test('a rule does not fire while it is disabled', async (t) => {
    const rule = aRule(
      { ScheduleExpression: 'rate(1 minute)', State: 'DISABLED' },
      { Arn: functionArn('Sweep') },
    );
    const { clock, lambda } = start(t, [aSweep, rule, aPermission()]);
    clock.advance(3600);
    await settle();
    assert.equal(lambda.invocations.length, 0);
  });

  test('a rule tries a failed invocation twice more, after one minute and after two', async (t) => {
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
