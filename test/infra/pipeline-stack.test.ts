import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { defineConfig } from '../../infra/config.ts';
import { PipelineStack } from '../../infra/pipeline-stack.ts';
import { FUNCTION_NAMES } from '../../shared/contract/resources.ts';

function synthesise(domains = ['mail.acme.io'], keepDays = 30) {
  const distDir = mkdtempSync(join(tmpdir(), 'postlane-dist-'));
  for (const name of FUNCTION_NAMES) {
    mkdirSync(join(distDir, name));
    writeFileSync(join(distDir, name, 'index.js'), `exports.handler = async () => '${name}';`);
  }
  const config = defineConfig({ domains, content: { keepDays } });
  return Template.fromStack(new PipelineStack(new App(), 'Test', { config, distDir }));
}

const template = synthesise();
type Properties = Record<string, unknown>;
const propertiesOf = (type: string) =>
  Object.values(template.findResources(type)).map((resource) => resource.Properties as Properties);

interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
}
const statementsOf = (functionName: string): Statement[] => {
  const roles = propertiesOf('AWS::IAM::Role').filter(
    (role) => role.Description === `What ${functionName} may do`,
  );
  return roles.flatMap((role) =>
    (role.Policies as { PolicyDocument: { Statement: Statement[] } }[]).flatMap(
      (policy) => policy.PolicyDocument.Statement,
    ),
  );
};
const actionsOf = (functionName: string) =>
  statementsOf(functionName).flatMap((statement) => statement.Action);

describe('queues', () => {
  test('every queue that is worked has a dead-letter queue of 14 days after five receives', () => {
    const queues = propertiesOf('AWS::SQS::Queue');
    const worked = queues.filter((queue) => queue.RedrivePolicy !== undefined);
    assert.equal(worked.length, 3);
    for (const queue of worked)
      assert.equal((queue.RedrivePolicy as { maxReceiveCount: number }).maxReceiveCount, 5);
    for (const queue of queues) assert.equal(queue.MessageRetentionPeriod, 14 * 86_400);
  });

  test('visibility is six times the time-out of the function plus the batching window', () => {
    const visible = propertiesOf('AWS::SQS::Queue')
      .map((queue) => queue.VisibilityTimeout)
      .filter(Boolean);
    assert.deepEqual(visible.sort(), [720, 181, 360].sort());
  });

  test('records fail one by one, and no poller can take the whole concurrency of a new account', () => {
    for (const source of propertiesOf('AWS::Lambda::EventSourceMapping')) {
      assert.deepEqual(source.FunctionResponseTypes, ['ReportBatchItemFailures']);
      assert.deepEqual(source.ScalingConfig, { MaximumConcurrency: 5 });
    }
    for (const lambda of propertiesOf('AWS::Lambda::Function'))
      assert.equal(lambda.ReservedConcurrentExecutions, undefined);
  });
});

describe('roles', () => {
  test('only send-message may call SES', () => {
    for (const name of FUNCTION_NAMES) {
      const sends = actionsOf(name).some((action) => action.startsWith('ses:'));
      assert.equal(sends, name === 'send-message', name);
    }
  });

  test('fetch-attachments may work its queue, write one prefix, feed the send queue and log', () => {
    assert.deepEqual(actionsOf('fetch-attachments').sort(), [
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      's3:PutObject',
      'sqs:DeleteMessage',
      'sqs:GetQueueAttributes',
      'sqs:ReceiveMessage',
      'sqs:SendMessage',
    ]);
    const [put] = statementsOf('fetch-attachments').filter(
      (statement) => statement.Action === 's3:PutObject',
    );
    assert.match(JSON.stringify(put?.Resource), /\/fetched\/\*/);
  });

  test('no statement is about everything', () => {
    for (const name of FUNCTION_NAMES)
      for (const { Action, Resource } of statementsOf(name)) {
        assert.notEqual(Resource, '*');
        assert.ok([Action].flat().every((action) => !action.includes('*')));
      }
  });
});

describe('stores', () => {
  test('every table recovers to a point in time and survives the stack', () => {
    for (const table of Object.values(template.findResources('AWS::DynamoDB::Table'))) {
      assert.deepEqual(table.Properties.PointInTimeRecoverySpecification, {
        PointInTimeRecoveryEnabled: true,
      });
      assert.equal(table.Properties.DeletionProtectionEnabled, true);
      assert.equal(table.DeletionPolicy, 'Retain');
    }
  });

  test('content expires a day after it is no longer shown, and never while a queue may still need it', () => {
    const days = (keepDays: number) => {
      const [bucket] = Object.values(synthesise(['mail.acme.io'], keepDays).findResources('AWS::S3::Bucket'));
      return bucket?.Properties.LifecycleConfiguration.Rules[0].ExpirationInDays;
    };
    assert.deepEqual([days(0), days(30)], [15, 31]);
  });
});

describe('sending', () => {
  test('each domain has Easy DKIM of 2048 bits and its own MAIL FROM', () => {
    template.hasResourceProperties('AWS::SES::EmailIdentity', {
      EmailIdentity: 'mail.acme.io',
      DkimSigningAttributes: { NextSigningKeyLength: 'RSA_2048_BIT' },
      MailFromAttributes: { MailFromDomain: 'mail.mail.acme.io' },
    });
  });

  test('the configuration set names its pool and leaves suppression to us', () => {
    template.hasResourceProperties('AWS::SES::ConfigurationSet', {
      DeliveryOptions: { SendingPoolName: 'ses-shared-pool' },
      SuppressionOptions: { SuppressedReasons: [] },
    });
  });

  test('every event takes the bus, and what must not be lost takes the topic too', () => {
    const destinations = propertiesOf('AWS::SES::ConfigurationSetEventDestination').map(
      (destination) =>
        destination.EventDestination as { MatchingEventTypes: string[]; SnsDestination?: unknown },
    );
    const second = destinations.find((destination) => destination.SnsDestination !== undefined);
    assert.deepEqual(second?.MatchingEventTypes, ['bounce', 'complaint', 'reject']);
    assert.equal(destinations.length, 2);
    template.hasResourceProperties('AWS::SNS::Subscription', { RawMessageDelivery: true, Protocol: 'sqs' });
  });
});

describe('the endpoint and its first key', () => {
  test('the API answers at the root of its host', () => {
    template.hasResourceProperties('AWS::ApiGatewayV2::Stage', { StageName: '$default', AutoDeploy: true });
    const routes = propertiesOf('AWS::ApiGatewayV2::Route').map((route) => route.RouteKey);
    assert.deepEqual(routes.sort(), ['$default', 'POST /emails', 'POST /emails/batch']);
  });

  test('no secret stands in the template: one command reads the key', () => {
    const text = JSON.stringify(template.toJSON());
    assert.ok(!/"re_|SecretString|whsec_/.test(text));
    const command = Object.values(template.findOutputs('*')).find(
      (output) => output.Description === 'Prints the first API key',
    );
    assert.match(JSON.stringify(command?.Value), /aws dynamodb get-item .*Item\.token\.S/);
  });
});

describe('reserved domains', () => {
  const ruleOf = (domains: string[]) => {
    const { Parameters, Rules } = synthesise(domains).toJSON() as {
      Parameters: Record<string, { Default: string }>;
      Rules: Record<string, { Assertions: { Assert: unknown; AssertDescription: string }[] }>;
    };
    const [name] = Object.keys(Parameters).filter((key) => key.startsWith('DomainsReserved'));
    const [rule] = Object.entries(Rules).filter(([key]) => key.startsWith('Domains'));
    return { value: Parameters[name ?? '']?.Default, assertion: rule?.[1].Assertions[0] };
  };

  test('synthesise and are refused by CloudFormation, which says what to do', () => {
    const { value, assertion } = ruleOf(['example.com']);
    assert.equal(value, 'example.com');
    assert.ok(assertion);
    assert.match(assertion.AssertDescription, /domains.*postlane\.config\.ts/);
    assert.deepEqual((assertion.Assert as { 'Fn::Equals': unknown[] })['Fn::Equals'][1], 'none');
  });

  test('a domain that somebody owns deploys', () => {
    assert.equal(ruleOf(['mail.acme.io']).value, 'none');
  });
});

describe('alarms', () => {
  test('each says who is hurt and where to read on', () => {
    const alarms = propertiesOf('AWS::CloudWatch::Alarm');
    assert.equal(alarms.length, 7);
    for (const alarm of alarms)
      assert.match(String(alarm.AlarmDescription), /Impact: .* Runbook: docs\/runbook\.md#/);
  });

  test('a sweep that does not run is an alarm by its silence', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'Invocations',
      TreatMissingData: 'breaching',
      AlarmDescription: Match.stringLikeRegexp('sweep'),
    });
  });
});
