import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { eventually } from '../../../test/support/base/eventually.ts';
import { arnOf, type GatewayWorld, openGatewayWorld } from '../support/gateway-world.ts';

type Resources = Parameters<typeof openGatewayWorld>[0];

const aPolicy = (type: string, target: object, principal: string, action: string, resource: unknown) => ({
  Type: type,
  Properties: {
    ...target,
    PolicyDocument: {
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: principal },
          Action: action,
          Resource: resource,
        },
      ],
    },
  },
});
const aSubscription = (more: object = {}) => ({
  Type: 'AWS::SNS::Subscription',
  Properties: {
    ...{ TopicArn: { Ref: 'Topic' }, Protocol: 'sqs', Endpoint: arnOf('Events') },
    RawMessageDelivery: true,
    ...more,
  },
});
const queuePolicy = (queue: string) =>
  aPolicy(
    'AWS::SQS::QueuePolicy',
    { Queues: [{ Ref: queue }] },
    'sns.amazonaws.com',
    'sqs:SendMessage',
    arnOf(queue),
  );
const topicPolicy = (action = 'sns:Publish') =>
  aPolicy('AWS::SNS::TopicPolicy', { Topics: [{ Ref: 'Topic' }] }, 'ses.amazonaws.com', action, {
    Ref: 'Topic',
  });

const aTopicWithQueue = (more: Resources = {}): Resources => ({
  Events: { Type: 'AWS::SQS::Queue', Properties: {} },
  Topic: { Type: 'AWS::SNS::Topic', Properties: {} },
  TopicPolicy: topicPolicy(),
  EventsPolicy: queuePolicy('Events'),
  Subscription: aSubscription(),
  ...more,
});

describe('a topic with a queue behind it', () => {
  let world: GatewayWorld;
  afterEach(() => world.close());

  const publish = (Message: string, more = {}) =>
    world.gateway.call({
      ...{ service: 'sns', operation: 'Publish', method: 'POST', url: '/' },
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: Buffer.from(
        new URLSearchParams({ TopicArn: world.nameOf('Topic'), Message, ...more }).toString(),
      ),
      caller: { kind: 'service', principal: 'ses.amazonaws.com', sourceArn: 'arn:aws:ses:us-east-1:0:x' },
    });
  const bodiesIn = async (queue: string) => {
    const QueueUrl = world.nameOf(queue);
    const { Messages = [] } = await world.sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    return Messages.map(({ Body }) => Body);
  };

  test('raw delivery hands on the message alone, and both legs are billed to the services', async () => {
    world = await openGatewayWorld(aTopicWithQueue());
    assert.equal((await publish('{"a":1}')).status, 200);
    assert.deepEqual(await bodiesIn('Events'), ['{"a":1}']);
    const rows = world.meter.report().operations.map((row) => `${row.function} ${row.operation}`);
    assert.deepEqual(rows.sort(), ['ses Publish', 'sns SendMessage', 'worker ReceiveMessage'].sort());
  });

  test('a message comes in an envelope without raw delivery', async () => {
    world = await openGatewayWorld(
      aTopicWithQueue({ Subscription: aSubscription({ RawMessageDelivery: false }) }),
    );
    await publish('hello', { Subject: 'Greeting' });
    const envelope = JSON.parse((await bodiesIn('Events'))[0] ?? '{}');
    assert.deepEqual(
      [envelope.Type, envelope.TopicArn, envelope.Subject, envelope.Message],
      ['Notification', world.nameOf('Topic'), 'Greeting', 'hello'],
    );
  });

  test('a publisher that the topic policy does not name is refused', async () => {
    world = await openGatewayWorld(aTopicWithQueue({ TopicPolicy: topicPolicy('sns:Subscribe') }));
    const answer = await publish('x');
    assert.equal(answer.status, 403);
    assert.match(answer.body.toString(), /AuthorizationError/);
  });

  test('a queue that refuses sends the message to the dead-letter queue of the subscription', async () => {
    const more = {
      EventsPolicy: queuePolicy('DeadLetters'),
      DeadLetters: { Type: 'AWS::SQS::Queue', Properties: {} },
      Subscription: aSubscription({ RedrivePolicy: { deadLetterTargetArn: arnOf('DeadLetters') } }),
    };
    world = await openGatewayWorld(aTopicWithQueue(more));
    await publish('refused');
    assert.deepEqual(await bodiesIn('Events'), []);
    assert.deepEqual(await bodiesIn('DeadLetters'), ['refused']);
  });

  test('a delivery that SQS fails is tried again', async () => {
    world = await openGatewayWorld(aTopicWithQueue());
    world.faults.set([
      { service: 'sqs', operation: 'SendMessage', fault: 'error', count: 1 },
      { service: 'sqs', operation: 'SendMessage', fault: 'throttle', count: 1 },
    ]);
    assert.equal((await publish('stubborn')).status, 200);
    await eventually(async () => assert.deepEqual(await bodiesIn('Events'), ['stubborn']));
  });
});

describe('a subscription that is not hosted', () => {
  for (const [what, more] of [
    ['FilterPolicy', { FilterPolicy: { a: ['b'] } }],
    ['Protocol https', { Protocol: 'https', Endpoint: 'https://example.org' }],
  ] as const)
    test(`a subscription with ${what} stops the start and is named`, async () => {
      const resources = aTopicWithQueue({ Subscription: aSubscription(more) });
      await assert.rejects(openGatewayWorld(resources), new RegExp(`${what}.*Subscription`));
    });
});
