import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import dynalite from 'dynalite';
import { loadAssembly } from '../../src/assembly/load-assembly.ts';
import { startDynamoDb } from '../../src/dynamodb/emulator.ts';
import { startQueuesAndBuckets } from '../../src/sqs/emulator.ts';
import { acceptLoopbackOnly } from '../../src/sqs/loopback-only.ts';
import { aTable, writeAssembly } from '../support/small-assembly.ts';

const assemblyWith = (queue: object = {}) =>
  loadAssembly(
    writeAssembly({
      Table: aTable(),
      Queue: { Type: 'AWS::SQS::Queue', Properties: { ...queue } },
      Bucket: { Type: 'AWS::S3::Bucket', Properties: {} },
    }),
    { queueUrlBase: 'http://127.0.0.1:9' },
  );
const QueueUrl = 'http://127.0.0.1:9/000000000000/Small-Queue';
const item = { bucket: { S: 'b' }, item: { S: 'i' } };

describe('a data folder', () => {
  let dataDir: string;
  before(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'postlane-data-'));
  });
  after(() => rm(dataDir, { recursive: true, force: true }));

  const openQueues = async (queue: object = {}) => {
    const { hop, close } = await startQueuesAndBuckets(assemblyWith(queue), dataDir);
    const sqs = async (operation: string, input: object = {}) => {
      const headers = {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `AmazonSQS.${operation}`,
      };
      const body = Buffer.from(JSON.stringify({ QueueUrl, ...input }));
      const answer = await hop.send({ method: 'POST', path: '/', headers, body });
      return JSON.parse(answer.body.toString());
    };
    return { hop, sqs, close };
  };

  test('keeps messages and objects over a restart, and takes what the template has changed', async () => {
    const first = await openQueues();
    await first.sqs('SendMessage', { MessageBody: 'kept' });
    const path = '/small-bucket/a';
    await first.hop.send({ method: 'PUT', path, headers: {}, body: Buffer.from('object') });
    await first.close();

    const second = await openQueues({ VisibilityTimeout: 77 });
    const { Attributes } = await second.sqs('GetQueueAttributes', { AttributeNames: ['VisibilityTimeout'] });
    assert.equal(Attributes.VisibilityTimeout, '77');
    assert.equal((await second.sqs('ReceiveMessage')).Messages[0].Body, 'kept');
    const object = await second.hop.send({ method: 'GET', path, headers: {}, body: Buffer.alloc(0) });
    assert.equal(object.body.toString(), 'object');
    await second.close();
  });

  test('keeps items over a restart', async () => {
    const first = await startDynamoDb(assemblyWith(), { dataDir });
    await first.call('PutItem', { TableName: 'Small-Table', Item: item });
    await first.close();
    const second = await startDynamoDb(assemblyWith(), { dataDir });
    const found = await second.call<{ Item?: object }>('GetItem', { TableName: 'Small-Table', Key: item });
    assert.deepEqual(found.Item, item);
    await second.close();
  });
});

describe('a DynamoDB that is named', () => {
  test("gets the template's tables and stays when the local cloud goes", async () => {
    const server = dynalite({ createTableMs: 0 });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;

    for (const expected of [undefined, item]) {
      const dynamodb = await startDynamoDb(assemblyWith(), { endpoint });
      const { Item } = await dynamodb.call<{ Item?: object }>('GetItem', {
        TableName: 'Small-Table',
        Key: item,
      });
      assert.deepEqual(Item, expected);
      await dynamodb.call('PutItem', { TableName: 'Small-Table', Item: item });
      await dynamodb.close();
    }
    server.close();
  });
});

describe('the port of the queues', () => {
  const outside = Object.values(networkInterfaces())
    .flat()
    .find((address) => address?.family === 'IPv4' && !address.internal)?.address;

  test('gives nothing to a caller that does not come over loopback', {
    skip: outside === undefined && 'this machine has only loopback',
  }, async () => {
    const server = dynalite({});
    server.listen(0, '0.0.0.0');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const stop = acceptLoopbackOnly(port);
    const answerTo = async (host: string) => {
      const socket = createConnection({ host, port });
      socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
      let answer = '';
      socket.on('data', (chunk) => {
        answer += String(chunk);
      });
      socket.on('error', () => {});
      await once(socket, 'close');
      return answer;
    };

    assert.match(await answerTo('127.0.0.1'), /healthy/);
    assert.equal(await answerTo(outside ?? ''), '');
    stop();
    assert.match(await answerTo(outside ?? ''), /healthy/);
    server.close();
  });
});
