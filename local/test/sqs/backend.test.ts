import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { GetObjectCommand, HeadObjectCommand, ListPartsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import {
  ChangeMessageVisibilityCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
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
  Bucket: {
    Type: 'AWS::S3::Bucket',
    Properties: {
      LifecycleConfiguration: { Rules: [{ Status: 'Enabled', Prefix: 'brief/', ExpirationInDays: 2 }] },
    },
  },
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

describe('S3 behind the gateway', () => {
  let world: GatewayWorld;
  let Bucket: string;
  before(async () => {
    world = await openGatewayWorld(RESOURCES);
    Bucket = world.nameOf('Bucket');
  });
  after(() => world.close());

  const put = (Key: string, Body: string | Buffer, more = {}) =>
    world.s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
  const get = async (Key: string) => (await world.s3.send(new GetObjectCommand({ Bucket, Key }))).Body;

  test('an object past its lifecycle rule is gone, and one without a rule stays', async () => {
    await put('brief/a b', 'x');
    await put('kept/a', 'x');
    world.clock.advance(3 * DAY);
    await assert.rejects(get('brief/a b'), { name: 'NoSuchKey' });
    await assert.rejects(world.s3.send(new HeadObjectCommand({ Bucket, Key: 'brief/a b' })), {
      name: 'NotFound',
    });
    assert.equal(await (await get('kept/a'))?.transformToString(), 'x');
  });

  test('an object of 40 MB comes back as it was', async () => {
    const body = Buffer.alloc(40 * 1024 * 1024, 'postlane ');
    await put('kept/large', body, { ContentType: 'image/png', Metadata: { origin: 'test' } });
    const head = await world.s3.send(new HeadObjectCommand({ Bucket, Key: 'kept/large' }));
    assert.deepEqual(
      [head.ContentLength, head.ContentType, head.Metadata],
      [body.length, 'image/png', { origin: 'test' }],
    );
    const returned = await (await get('kept/large'))?.transformToByteArray();
    assert.ok(returned && Buffer.compare(body, returned) === 0);
  });

  test('a link works until the clock has passed it', async () => {
    await put('kept/linked', 'hello');
    const command = new GetObjectCommand({ Bucket, Key: 'kept/linked' });
    const link = await getSignedUrl(world.s3, command, { expiresIn: 60, signingDate: new Date() });
    assert.equal(await (await fetch(link)).text(), 'hello');
    world.clock.advance(61);
    const late = await fetch(link);
    assert.equal(late.status, 403);
    assert.match(await late.text(), /<Code>AccessDenied<\/Code>/);
  });

  test('a call that the local cloud does not know is said to be none of its own', async () => {
    const command = new ListPartsCommand({ Bucket, Key: 'kept/a', UploadId: 'u' });
    await assert.rejects(world.s3.send(command), /does not know this call of s3: GET/);
  });
});
