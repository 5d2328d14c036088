import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, type TestContext, test } from 'node:test';
import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ListQueuesCommand,
  type Message,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageBatchCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { loadAssembly } from '../../../src/assembly/load-assembly.ts';
import { openFauxqs } from '../../../src/emulators/fauxqs.ts';
import { openQueues } from '../../../src/sqs/emulator.ts';
import { arnOf, type GatewayWorld, openGatewayWorld } from '../../support/gateway-world.ts';
import { writeAssembly } from '../../support/small-assembly.ts';

const QUEUES = {
  Queue: {
    Type: 'AWS::SQS::Queue',
    Properties: {
      VisibilityTimeout: 30,
      RedrivePolicy: { deadLetterTargetArn: arnOf('Dead'), maxReceiveCount: 2 },
    },
  },
  Dead: { Type: 'AWS::SQS::Queue', Properties: {} },
};

describe('a standard queue with message groups', () => {
  let world: GatewayWorld;
  let QueueUrl: string;
  before(async () => {
    world = await openGatewayWorld(QUEUES);
    QueueUrl = world.nameOf('Queue');
  });
  after(() => world.close());
  beforeEach(async () => {
    world.queues.fairness.enable(true);
    world.clock.advance(600);
    await world.sqs.send(new PurgeQueueCommand({ QueueUrl }));
    await world.sqs.send(new PurgeQueueCommand({ QueueUrl: world.nameOf('Dead') }));
  });

  const send = (MessageBody: string, MessageGroupId?: string, more: object = {}) =>
    world.sqs.send(
      new SendMessageCommand({ QueueUrl, MessageBody, ...(MessageGroupId && { MessageGroupId }), ...more }),
    );
  const receive = async (more: Partial<ReceiveMessageCommandInput> = {}): Promise<Message[]> => {
    const { Messages = [] } = await world.sqs.send(
      new ReceiveMessageCommand({
        ...{ QueueUrl, MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['All'] },
        ...more,
      }),
    );
    return Messages;
  };
  const remove = ({ ReceiptHandle }: Message) =>
    world.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  const told = (messages: readonly Message[]) =>
    messages.map(({ Body, Attributes }) => [Body, Attributes?.MessageGroupId]);
  const depth = (logicalId = 'Queue') => {
    const name = world.nameOf(logicalId).split('/').at(-1);
    return world.queues.depths().find((each) => each.name === name);
  };

  test('gives each message with its group, and no group to a caller that does not ask', async () => {
    await send('1', 'acme');
    await send('2');
    await send('3', 'umbrella corp.'.replace(' ', '/'));
    const messages = await receive();
    assert.deepEqual(told(messages), [
      ['1', 'acme'],
      ['2', undefined],
      ['3', 'umbrella/corp.'],
    ]);
    for (const message of messages) await remove(message);
    assert.deepEqual(depth(), { name: depth()?.name, ready: 0, delayed: 0, inFlight: 0 });

    await send('4', 'acme');
    const [plain] = await receive({ MessageSystemAttributeNames: [] });
    assert.equal(plain?.Attributes, undefined);
  });

  test('answers a batch of several groups in its order', async () => {
    const Entries = [
      { Id: 'c', MessageBody: 'c', MessageGroupId: 'two' },
      { Id: 'a', MessageBody: 'a' },
      { Id: 'b', MessageBody: 'b', MessageGroupId: 'one' },
    ];
    const sent = await world.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    assert.deepEqual(
      sent.Successful?.map(({ Id }) => Id),
      ['c', 'a', 'b'],
    );
    const messages = await receive();
    assert.deepEqual(new Set(messages.map(({ Body }) => Body)), new Set(['a', 'b', 'c']));

    const handles = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    const [first, ...others] = handles;
    const shown = await world.sqs.send(
      new ChangeMessageVisibilityBatchCommand({
        QueueUrl,
        Entries: [{ ...first, VisibilityTimeout: 0 }] as never,
      }),
    );
    assert.deepEqual(shown.Failed ?? [], []);
    const gone = await world.sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: others as never }));
    assert.deepEqual(
      gone.Successful?.map(({ Id }) => Id),
      ['1', '2'],
    );
    assert.equal((await receive({ WaitTimeSeconds: 1 }))[0]?.Body, messages[0]?.Body);
  });

  test('refuses a bad group and a bad batch, and keeps no message of either', async () => {
    await assert.rejects(send('x', 'a b'), { name: 'InvalidParameterValue' });
    const entry = { MessageBody: 'x', MessageGroupId: 'acme' };
    const twice = [
      { ...entry, Id: 'a' },
      { ...entry, Id: 'a', MessageGroupId: 'other' },
    ];
    await assert.rejects(world.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: twice })), {
      name: /BatchEntryIdsNotDistinct/,
    });
    assert.equal(depth()?.ready, 0);
  });

  test('brings a message back after its visibility, and at once at a visibility of 0', async () => {
    await send('a', 'acme', { DelaySeconds: 20 });
    assert.deepEqual(await receive(), []);
    assert.equal(depth()?.delayed, 1);
    world.clock.advance(20);
    const [first] = await receive();
    assert.equal(first?.Body, 'a');
    assert.deepEqual(await receive(), []);
    world.clock.advance(30);
    const [second] = await receive();
    assert.equal(second?.Attributes?.ApproximateReceiveCount, '2');
  });

  test('hands a message out again that is given back', async () => {
    await send('a', 'acme');
    const [{ ReceiptHandle } = {}] = await receive();
    await world.sqs.send(
      new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }),
    );
    assert.equal((await receive({ WaitTimeSeconds: 1 }))[0]?.Body, 'a');
  });

  test('moves poison to the dead-letter queue, where it keeps its group', async () => {
    await send('poison', 'acme');
    for (let receives = 0; receives < 3; receives += 1) {
      await receive();
      world.clock.advance(30);
    }
    assert.equal(depth()?.ready, 0);
    assert.equal(depth('Dead')?.ready, 1);
    assert.deepEqual(told(await receive({ QueueUrl: world.nameOf('Dead') })), [['poison', 'acme']]);
  });

  test('drops a message that is older than the retention of its queue', async () => {
    await send('old', 'acme');
    world.clock.advance(345_601);
    assert.deepEqual(await receive(), []);
    assert.deepEqual([depth()?.ready, depth()?.inFlight], [0, 0]);
  });

  test('counts, lists and empties as one queue', async () => {
    await send('1', 'acme');
    await send('2', 'other');
    await send('3');
    await receive({ MaxNumberOfMessages: 1 });
    const { Attributes } = await world.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
    );
    assert.equal(Attributes?.ApproximateNumberOfMessages, '2');
    assert.equal(Attributes?.ApproximateNumberOfMessagesNotVisible, '1');
    assert.match(Attributes?.RedrivePolicy ?? '', /Dead"/);
    const { QueueUrls = [] } = await world.sqs.send(new ListQueuesCommand({}));
    assert.deepEqual(
      QueueUrls.map((url) => url.split('/').at(-1)).toSorted(),
      [QueueUrl, world.nameOf('Dead')].map((url) => url.split('/').at(-1)).toSorted(),
    );
    await world.sqs.send(new PurgeQueueCommand({ QueueUrl }));
    assert.deepEqual([depth()?.ready, depth()?.inFlight], [0, 0]);
  });

  test('wakes a receive that waits, for a group that it never saw', async () => {
    const waiting = receive({ WaitTimeSeconds: 20 });
    const QueueUrl = world.nameOf('Dead');
    const other = receive({ QueueUrl, WaitTimeSeconds: 10 });
    await new Promise((resolve) => setTimeout(resolve, 100));
    await send('a', `new-${Date.now()}`);
    assert.equal((await Promise.race([waiting, other]))[0]?.Body, 'a', 'long before its wait is over');
    await world.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'b' }));
    assert.equal((await other)[0]?.Body, 'b');
  });

  test('drops the hidden queues of groups that had nothing for five minutes', async () => {
    await send('1', 'acme');
    const names = async () => {
      const answer = await world.fauxqs.hop.send({
        ...{ method: 'POST', path: '/', body: Buffer.from('{}') },
        headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.ListQueues' },
      });
      return (JSON.parse(answer.body.toString()).QueueUrls as string[]).length;
    };
    world.clock.advance(301);
    const [message] = await receive();
    assert.equal(await names(), 4, 'the group, here and in the dead-letter queue');
    await remove(message as Message);
    world.clock.advance(301);
    await receive();
    world.clock.advance(11);
    await receive();
    assert.equal(await names(), 2);
  });

  test('bills the surcharge for messages with a group', async () => {
    world.meter.reset();
    await send('1', 'acme');
    await send('2');
    const rows = world.meter.report().operations.filter(({ operation }) => operation === 'SendMessage');
    assert.deepEqual(
      rows.map(({ unit, units }) => [unit, units]),
      [
        ['64KB chunk', 2],
        ['fair surcharge', 1],
      ],
    );
  });
});

describe('one noisy group of 500 among nine quiet ones', () => {
  /** How many messages were handed out from the sending of the quiet ones until the last of them. */
  async function overtaken(t: TestContext, isFair: boolean): Promise<number> {
    const world = await openGatewayWorld({ Queue: { Type: 'AWS::SQS::Queue', Properties: {} } });
    t.after(() => world.close());
    world.queues.fairness.enable(isFair);
    const QueueUrl = world.nameOf('Queue');
    const sendBatch = (group: (index: number) => string, count: number) =>
      world.sqs.send(
        new SendMessageBatchCommand({
          QueueUrl,
          Entries: Array.from({ length: count }, (_, index) => ({
            ...{ Id: String(index), MessageBody: group(index), MessageGroupId: group(index) },
          })),
        }),
      );
    /** One batch through the hands of a consumer that takes a moment for it. */
    const consume = async (): Promise<readonly string[]> => {
      const { Messages = [] } = await world.sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
      );
      world.clock.advance(0.1);
      const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      await world.sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
      return Messages.map(({ Body = '' }) => Body);
    };

    for (let batch = 0; batch < 50; batch += 1) await sendBatch(() => 'noisy', 10);
    await consume();
    world.clock.advance(1);
    await sendBatch((index) => `quiet-${index}`, 9);

    let handedOut = 0;
    for (let quiet = 0; quiet < 9; ) {
      const bodies = await consume();
      handedOut += bodies.length;
      quiet += bodies.filter((body) => body !== 'noisy').length;
    }
    return handedOut;
  }

  test('fairness leaves the delay of quiet groups flat beside a noisy one', async (t) => {
    assert.equal(await overtaken(t, true), 10);
  });

  test('quiet groups wait for all of a noisy one without fairness', async (t) => {
    assert.ok((await overtaken(t, false)) > 490);
  });
});

describe('message groups over a restart', () => {
  test('message groups keep their messages, handles and poison over a restart', async (t) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'postlane-fair-'));
    t.after(() => rmSync(dataDir, { recursive: true, force: true }));
    const assembly = loadAssembly(writeAssembly(QUEUES), { queueUrlBase: 'http://127.0.0.1:9' });
    const QueueUrl = assembly.byLogicalId('Queue').physicalId;
    const open = async () => {
      const fauxqs = await openFauxqs(dataDir);
      const queues = await openQueues(assembly, fauxqs);
      const sqs = async (operation: string, input: object = {}) => {
        const headers = {
          'content-type': 'application/x-amz-json-1.0',
          'x-amz-target': `AmazonSQS.${operation}`,
        };
        const body = Buffer.from(JSON.stringify({ QueueUrl, ...input }));
        const answer = await queues.hop.send({ method: 'POST', path: '/', headers, body });
        return JSON.parse(answer.body.toString());
      };
      const close = () => {
        queues.hop.close();
        return fauxqs.close();
      };
      return { close, run: sqs };
    };

    const first = await open();
    await first.run('SendMessage', { MessageBody: 'a', MessageGroupId: 'acme' });
    await first.run('SendMessage', { MessageBody: 'b', MessageGroupId: 'acme' });
    const { Messages } = await first.run('ReceiveMessage');
    await first.close();

    const second = await open();
    t.after(second.close);
    const [{ ReceiptHandle }] = Messages;
    await second.run('DeleteMessage', { ReceiptHandle });
    const kept = await second.run('ReceiveMessage', { MaxNumberOfMessages: 10, AttributeNames: ['All'] });
    assert.deepEqual(
      kept.Messages.map((message: Message) => [message.Body, message.Attributes?.MessageGroupId]),
      [['b', 'acme']],
    );
    await second.run('ChangeMessageVisibility', {
      ReceiptHandle: kept.Messages[0].ReceiptHandle,
      VisibilityTimeout: 0,
    });
    for (let receives = 0; receives < 3; receives += 1)
      await second.run('ReceiveMessage', { VisibilityTimeout: 0, WaitTimeSeconds: 1 });
    const DeadUrl = assembly.byLogicalId('Dead').physicalId;
    const dead = await second.run('ReceiveMessage', { QueueUrl: DeadUrl, AttributeNames: ['All'] });
    assert.equal(dead.Messages[0].Attributes.MessageGroupId, 'acme');
  });
});
