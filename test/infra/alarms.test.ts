import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Match } from 'aws-cdk-lib/assertions';
import { functionNamesIn, propertiesOf, synthesiseStack } from '../support/infra/stack-template.ts';

const template = synthesiseStack();
const alarms = propertiesOf(template, 'AWS::CloudWatch::Alarm');

describe('alarms', () => {
  test('each alarm names its impact and a heading that the runbook has', () => {
    const runbook = readFileSync(join(import.meta.dirname, '../../docs/runbook.md'), 'utf8');
    const headings = [...runbook.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    const named = alarms.map(({ AlarmDescription }) => {
      const text = String(AlarmDescription);
      const [, heading] = /Impact: .+ Runbook: docs\/runbook\.md#(\S+)$/.exec(text) ?? [];
      assert.ok(heading, text);
      return heading;
    });
    assert.deepEqual([...new Set(named)].sort(), headings.sort());
  });

  test('each that watches what a function counts names a function of the stack', () => {
    const names = functionNamesIn(template);
    const watched = alarms.flatMap(({ Namespace, Dimensions }) =>
      Namespace === 'Postlane' ? (Dimensions as { Name: string; Value: string }[]) : [],
    );
    assert.ok(watched.length > 0);
    for (const { Name, Value } of watched) {
      assert.equal(Name, 'function');
      assert.ok(names.includes(Value), Value);
    }
  });

  test('every dead-letter queue and the age of every queue is watched', () => {
    const watched = (metric: string) => alarms.filter(({ MetricName }) => MetricName === metric).length;
    assert.equal(watched('ApproximateNumberOfMessagesVisible'), 7);
    assert.equal(watched('ApproximateAgeOfOldestMessage'), 7);
  });

  test('a sweep that does not run is an alarm by its silence', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'Invocations',
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
      AlarmDescription: Match.stringLikeRegexp('sweep'),
    });
  });

  test('a paused stream is an alarm for as long as the sweep counts it', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'Postlane',
      MetricName: 'StreamsPausedByGuard',
      Dimensions: [{ Name: 'function', Value: 'sweep' }],
      TreatMissingData: 'notBreaching',
    });
  });

  test('a webhook that is disabled is an alarm', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'Postlane',
      MetricName: 'WebhooksDisabled',
      Dimensions: [{ Name: 'function', Value: 'deliver-webhook' }],
      TreatMissingData: 'notBreaching',
    });
  });

  test('alarms notify no address unless the config names one', () => {
    for (const alarm of alarms) assert.equal(alarm.AlarmActions, undefined);
    assert.ok(!JSON.stringify(template.findResources('AWS::SNS::Topic')).includes('Alarms'));
  });

  test('alarms write to the address of the config when they go off and when they are over', () => {
    const told = synthesiseStack({ alarms: { email: 'ops@acme.io' } });
    told.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint: 'ops@acme.io' });
    const actions = propertiesOf(told, 'AWS::CloudWatch::Alarm').flatMap(({ AlarmActions, OKActions }) => [
      AlarmActions,
      OKActions,
    ]);
    assert.equal(actions.length, alarms.length * 2);
    for (const action of actions) assert.match(JSON.stringify(action), /AlarmsTopic/);
    told.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Action: 'sns:Publish', Principal: { Service: 'cloudwatch.amazonaws.com' } }),
        ]),
      },
    });
  });
});
