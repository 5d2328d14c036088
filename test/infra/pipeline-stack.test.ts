import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Match } from 'aws-cdk-lib/assertions';
import { propertiesOf, synthesiseStack } from '../support/infra/stack-template.ts';

const template = synthesiseStack();

describe('queues', () => {
  const queues = propertiesOf(template, 'AWS::SQS::Queue');
  const worked = queues.filter((queue) => queue.RedrivePolicy !== undefined);

  test('every worked queue has a dead-letter queue of 14 days after five receives', () => {
    assert.equal(worked.length, 7);
    for (const queue of worked)
      assert.equal((queue.RedrivePolicy as { maxReceiveCount: number }).maxReceiveCount, 5);
    for (const queue of queues) assert.equal(queue.MessageRetentionPeriod, 14 * 86_400);
  });

  test('the visibility of a queue is six times the time-out of its function plus the batching window', () => {
    assert.deepEqual(
      worked.map((queue) => queue.VisibilityTimeout),
      [6 * 60, 6 * 30 + 1, 6 * 60, 6 * 60, 6 * 60, 6 * 120, 6 * 120],
    );
  });

  test('the streams of the tables go to publish-events from their oldest record on, and never give up', () => {
    const streams = propertiesOf(template, 'AWS::Lambda::EventSourceMapping').filter(({ EventSourceArn }) =>
      JSON.stringify(EventSourceArn).includes('StreamArn'),
    );
    assert.equal(streams.length, 3);
    for (const stream of streams) {
      assert.match(JSON.stringify(stream.FunctionName), /publishevents/);
      assert.equal(stream.StartingPosition, 'TRIM_HORIZON');
      assert.deepEqual([stream.MaximumRetryAttempts, stream.MaximumRecordAgeInSeconds], [-1, -1]);
      assert.ok(stream.FilterCriteria);
    }
    const streamed = propertiesOf(template, 'AWS::DynamoDB::Table').filter(
      ({ StreamSpecification }) => StreamSpecification !== undefined,
    );
    assert.equal(streamed.length, 3);
  });

  test('records fail one by one', () => {
    const sources = propertiesOf(template, 'AWS::Lambda::EventSourceMapping');
    assert.equal(sources.length, 10);
    for (const source of sources) assert.deepEqual(source.FunctionResponseTypes, ['ReportBatchItemFailures']);
  });

  test('queues leave room for the API where ten functions run at once, but for releases and webhooks', () => {
    const sources = propertiesOf(template, 'AWS::Lambda::EventSourceMapping');
    const sharesOf = (isCounted: (source: string) => boolean) =>
      sources
        .filter(
          ({ EventSourceArn, ScalingConfig }) => ScalingConfig && isCounted(JSON.stringify(EventSourceArn)),
        )
        .map(({ ScalingConfig }) => (ScalingConfig as { MaximumConcurrency: number }).MaximumConcurrency);
    const sum = (shares: readonly number[]) => shares.reduce((total, share) => total + share, 0);
    assert.ok(sharesOf(() => true).every((share) => share >= 2));
    assert.ok(sum(sharesOf((source) => !source.includes('Webhooks'))) - 2 <= 8);
    assert.deepEqual(
      sharesOf((source) => source.includes('Webhooks')),
      [2, 2],
    );
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

  test('messages expire and suppressions never do', () => {
    const lasting = propertiesOf(template, 'AWS::DynamoDB::Table').filter(
      (table) => table.TimeToLiveSpecification === undefined,
    );
    assert.equal(lasting.length, 2);
    template.hasResourceProperties('AWS::DynamoDB::Table', {
      KeySchema: Match.arrayWith([{ AttributeName: 'bucket', KeyType: 'HASH' }]),
      TimeToLiveSpecification: { AttributeName: 'expiresAtEpochSeconds', Enabled: true },
    });
  });

  test('content expires a day after it is no longer shown, and never while a queue or a schedule may still need it', () => {
    const days = (keepDays: number) => {
      const [bucket] = propertiesOf(synthesiseStack({ content: { keepDays } }), 'AWS::S3::Bucket');
      assert.ok(bucket);
      const { Rules } = bucket.LifecycleConfiguration as { Rules: { ExpirationInDays: number }[] };
      return [...new Set(Rules.map((rule) => rule.ExpirationInDays))];
    };
    assert.deepEqual(
      [days(0), days(30)],
      [
        [15, 15 + 30],
        [31, 31 + 30],
      ],
    );
  });
});

describe('sending', () => {
  test('each domain has Easy DKIM of 2048 bits, its own MAIL FROM and no bounces by mail', () => {
    template.hasResource('AWS::SES::EmailIdentity', {
      DeletionPolicy: 'RetainExceptOnCreate',
      Properties: {
        EmailIdentity: 'mail.acme.io',
        DkimSigningAttributes: { NextSigningKeyLength: 'RSA_2048_BIT' },
        MailFromAttributes: { MailFromDomain: 'mail.mail.acme.io' },
        FeedbackAttributes: { EmailForwardingEnabled: false },
      },
    });
  });

  test('a domain is told every DNS record that it needs', () => {
    const [records] = Object.values(
      template.findOutputs('*', { Description: Match.stringLikeRegexp('DNS') }),
    );
    const text = JSON.stringify(records?.Value);
    assert.equal(text.match(/ CNAME /g)?.length, 3);
    for (const record of [
      /mail\.mail\.acme\.io MX 10 feedback-smtp\./,
      /mail\.mail\.acme\.io TXT .*v=spf1/,
      /_dmarc/,
    ])
      assert.match(text, record);
  });

  test('every configuration set names its pool and leaves suppression to us', () => {
    for (const set of propertiesOf(template, 'AWS::SES::ConfigurationSet')) {
      assert.equal((set.DeliveryOptions as { SendingPoolName: string }).SendingPoolName, 'ses-shared-pool');
      assert.deepEqual(set.SuppressionOptions, { SuppressedReasons: [] });
    }
  });

  test('every event takes the bus, and what must not be lost takes the topic too', () => {
    const destinations = propertiesOf(template, 'AWS::SES::ConfigurationSetEventDestination').map(
      ({ EventDestination }) =>
        EventDestination as { MatchingEventTypes: string[]; SnsDestination?: unknown },
    );
    const [topics, buses] = [true, false].map((isTopic) =>
      destinations.filter(({ SnsDestination }) => (SnsDestination !== undefined) === isTopic),
    );
    assert.deepEqual([topics?.length, buses?.length], [2, 2]);
    for (const topic of topics ?? [])
      assert.deepEqual(topic.MatchingEventTypes, ['bounce', 'complaint', 'reject']);
    for (const bus of buses ?? []) assert.equal(bus.MatchingEventTypes.length, 8);
  });

  test('the rules take the events of our own configuration sets only', () => {
    const rules = propertiesOf(template, 'AWS::Events::Rule').filter(({ EventPattern }) => EventPattern);
    const sets = Object.keys(template.findResources('AWS::SES::ConfigurationSet'));
    assert.deepEqual(
      rules.map(({ EventPattern }) => EventPattern),
      sets.map((logicalId) => ({
        source: ['aws.ses'],
        detail: { mail: { tags: { 'ses:configuration-set': [{ Ref: logicalId }] } } },
      })),
    );
  });

  test('events that neither path can hand to the event queue are kept in its dead-letter queue', () => {
    const deadLetters = Match.objectLike({ 'Fn::GetAtt': [Match.stringLikeRegexp('DeadLetters'), 'Arn'] });
    template.hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'sqs',
      RawMessageDelivery: true,
      RedrivePolicy: { deadLetterTargetArn: deadLetters },
    });
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: Match.anyValue(),
      Targets: [Match.objectLike({ DeadLetterConfig: { Arn: deadLetters } })],
    });
  });
});

describe('the endpoint and its first key', () => {
  test('the API answers at the root of its host', () => {
    template.hasResourceProperties('AWS::ApiGatewayV2::Stage', { StageName: '$default', AutoDeploy: true });
    const routes = propertiesOf(template, 'AWS::ApiGatewayV2::Route').map((route) => route.RouteKey);
    assert.deepEqual(routes.sort(), ['$default', 'POST /emails', 'POST /emails/batch']);
    template.hasOutput('ApiUrl', Match.objectLike({}));
  });

  test('no secret stands in the template: one command reads the key', () => {
    const text = JSON.stringify(template.toJSON());
    assert.ok(!/"re_|SecretString|whsec_/.test(text));
    const { ReadBootstrapKeyCommand } = template.findOutputs('ReadBootstrapKeyCommand');
    assert.match(JSON.stringify(ReadBootstrapKeyCommand?.Value), /aws dynamodb get-item .*Item\.token\.S/);
  });
});

describe('reserved domains', () => {
  const rulesOf = (domains: string[]) => {
    const { Parameters, Rules } = synthesiseStack({ domains }).toJSON() as {
      Parameters: Record<string, { Default: string }>;
      Rules: Record<string, { Assertions: { Assert: unknown; AssertDescription: string }[] }>;
    };
    const own = <T>(entries: Record<string, T>) =>
      Object.entries(entries).filter(([name]) => name.startsWith('Domains'));
    return { parameters: own(Parameters), rules: own(Rules) };
  };

  test('reserved domains synthesise and are refused by CloudFormation, which says what to do', () => {
    const { parameters, rules } = rulesOf(['acme.io', 'example.com', 'shop.test']);
    const [[name, parameter] = []] = parameters;
    const [assertion] = rules[0]?.[1].Assertions ?? [];
    assert.equal(parameter?.Default, 'example.com,shop.test');
    assert.deepEqual(assertion?.Assert, { 'Fn::Equals': [{ Ref: name }, 'none'] });
    assert.match(
      assertion?.AssertDescription ?? '',
      /`domains` in postlane\.config\.ts.*example\.com, shop\.test/,
    );
  });

  test('a domain that can be owned leaves nothing of the check for reserved ones in the template', () => {
    assert.deepEqual(rulesOf(['acme.io']), { parameters: [], rules: [] });
  });
});
