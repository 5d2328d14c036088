import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  ChangeMessageVisibilityCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { arnOf, type GatewayWorld, openGatewayWorld } from '../support/gateway-world.ts';

const DAY = 86_400;
const RESOURCES = {
  Brief: { Type: 'AWS::SQS::Queue', Properties: { MessageRetentionPeriod: 600, VisibilityTimeout: 120 } },
  Poison: {
    Type: 'AWS::SQS::Queue',
    Properties: {
      VisibilityTimeout: 30,
      RedrivePolicy: { deadLetterTargetArn: arnOf('DeadLetters'), maxReceiveCount: 2 },
    },
  },
  DeadLetters: { Type: 'AWS::SQS::Queue', Properties: { MessageRetentionPeriod: 14 * DAY } },
};

describe('SQS behind the gateway', () => {
  let world: GatewayWorld;
  before(async () => {
    world = await openGatewayWorld(RESOURCES);
  });
  after(() => world.close());

  const send = (queue: string, MessageBody: string) =>
    world.sqs.send(new SendMessageCommand({ QueueUrl: world.nameOf(queue), MessageBody }));
  const receive = async (queue: string, more = {}) => {
    const QueueUrl = world.nameOf(queue);
    return (await world.sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, ...more })))
      .Messages;
  };

  test('a message past its retention is gone, and a newer one beside it is not', async () => {
    await send('Brief', 'old');
    world.clock.advance(400);
    await send('Brief', 'new');
    world.clock.advance(300);
    const messages = await receive('Brief');
    assert.deepEqual(
      messages?.map(({ Body, Attributes }) => ({ Body, Attributes })),
      [{ Body: 'new', Attributes: undefined }],
    );
    world.clock.advance(600);
    assert.equal(await receive('Brief'), undefined);
  });

  test('a long poll that finds only old messages goes on waiting for a new one', async () => {
    await send('Brief', 'old');
    world.clock.advance(601);
    const poll = receive('Brief', { WaitTimeSeconds: 5, AttributeNames: ['SentTimestamp'] });
    setTimeout(() => void send('Brief', 'new'), 100);
    const [message] = (await poll) ?? [];
    assert.equal(message?.Body, 'new');
    assert.ok(Number(message?.Attributes?.SentTimestamp) > 0);
  });

  test('an advance ends visibility time-outs, and after the receive count a message is redriven', async () => {
    await send('Poison', 'bad');
    for (let count = 1; count <= 2; count += 1) {
      assert.equal((await receive('Poison'))?.length, 1);
      assert.equal(await receive('Poison'), undefined);
      world.clock.advance(31);
    }
    assert.equal(await receive('Poison'), undefined);
    assert.equal((await receive('DeadLetters'))?.[0]?.Body, 'bad');
  });

  test('a shortened visibility time-out brings a message back', async () => {
    await send('Brief', 'again');
    const [message] = (await receive('Brief')) ?? [];
    await world.sqs.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: world.nameOf('Brief'),
        ReceiptHandle: message?.ReceiptHandle,
        VisibilityTimeout: 0,
      }),
    );
    assert.equal((await receive('Brief'))?.[0]?.Body, 'again');
  });

  test('a message of 1 MiB passes and a byte more does not, in a batch over all entries', async () => {
    const mebibyte = 'x'.repeat(1_048_576);
    await send('Brief', mebibyte);
    await assert.rejects(send('Brief', `${mebibyte}x`), /shorter than 1048576/);
    const half = { MessageBody: 'x'.repeat(524_289) };
    const batch = { QueueUrl: world.nameOf('Brief'), Entries: ['a', 'b'].map((Id) => ({ Id, ...half })) };
    await assert.rejects(world.sqs.send(new SendMessageBatchCommand(batch)), { name: 'BatchRequestTooLong' });
  });
});
