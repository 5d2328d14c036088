import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { DynamoDBClient, GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { createFaults } from '../../src/gateway/faults.ts';
import { createMeter } from '../../src/gateway/metering/meter.ts';
import { createClock, installClock } from '../../src/host/clock.ts';
import { type OpenGateway, openGateway } from '../support/open-gateway.ts';
import { aFunction, aRole, aTable, writeAssembly } from '../support/small-assembly.ts';

const statement = (action: string | string[], resource: unknown, more = {}) => ({
  Effect: 'Allow',
  Action: action,
  Resource: resource,
  ...more,
});
const arnOf = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });

const RESOURCES = {
  Table: aTable(),
  Queue: { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 60 } },
  Bucket: { Type: 'AWS::S3::Bucket', Properties: {} },
  Function: aFunction('Role'),
  Role: aRole(
    statement(['dynamodb:PutItem', 'dynamodb:UpdateItem'], arnOf('Table')),
    statement('dynamodb:GetItem', arnOf('Table'), {
      Condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['mine'] } },
    }),
    statement(['sqs:SendMessage', 'sqs:ReceiveMessage'], arnOf('Queue')),
    statement(['s3:PutObject', 's3:GetObject', 's3:DeleteObject'], {
      'Fn::Join': ['', [arnOf('Bucket'), '/kept/*']],
    }),
  ),
};

describe('gateway', () => {
  const clock = createClock();
  installClock(clock.offsetCell);
  const meter = createMeter(clock);
  const faults = createFaults();
  const killed: string[] = [];
  let open: OpenGateway;
  let dynamodb: DynamoDBClient;
  let sqs: SQSClient;
  let s3: S3Client;
  const nameOf = (logicalId: string) => open.assembly.byLogicalId(logicalId).physicalId;

  before(async () => {
    open = await openGateway({ assemblyDir: writeAssembly(RESOURCES), clock, meter, faults });
    open.gateway.onCrash((workerId) => killed.push(workerId));
    const config = {
      endpoint: open.gateway.endpoint,
      region: 'us-east-1',
      credentials: open.gateway.issueCredentials('Function', 'worker-7'),
    };
    dynamodb = new DynamoDBClient(config);
    sqs = new SQSClient(config);
    s3 = new S3Client(config);
  });
  after(async () => {
    for (const client of [dynamodb, sqs, s3]) client.destroy();
    await open.close();
  });
  beforeEach(() => {
    faults.clear();
    meter.reset();
  });

  const item = (bucket: string, name: string, more = {}) => ({
    bucket: { S: bucket },
    item: { S: name },
    ...more,
  });
  const put = (name: string, more = {}) =>
    dynamodb.send(
      new PutItemCommand({
        TableName: nameOf('Table'),
        Item: item('mine', name, more),
        ConditionExpression: 'attribute_not_exists(#item)',
        ExpressionAttributeNames: { '#item': 'item' },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
  const get = (bucket: string, name: string) =>
    dynamodb.send(new GetItemCommand({ TableName: nameOf('Table'), Key: item(bucket, name) }));

  test("a worker may do what its role grants, and is refused the rest with AWS's name for it", async () => {
    await put('granted');
    assert.equal((await get('mine', 'granted')).Item?.item?.S, 'granted');
    await assert.rejects(get('theirs', 'granted'), { name: 'AccessDeniedException' });
    await assert.rejects(
      s3.send(new PutObjectCommand({ Bucket: nameOf('Bucket'), Key: 'elsewhere/a', Body: 'x' })),
      { name: 'AccessDenied' },
    );
  });

  test('a failed condition gives the old item and is billed', async () => {
    await put('once', { note: { S: 'first' } });
    meter.reset();
    await assert.rejects(put('once'), (error: { name: string; Item?: Record<string, { S: string }> }) => {
      assert.equal(error.name, 'ConditionalCheckFailedException');
      assert.equal(error.Item?.note?.S, 'first');
      return true;
    });
    assert.equal(meter.report().operations[0]?.units, 1);
  });

  test('an item past its time to live is gone when the clock has passed it', async () => {
    const expiresAtEpochSeconds = { N: String(Math.floor(Date.now() / 1000) + 3600) };
    await put('mortal', { expiresAtEpochSeconds });
    clock.advance(3601);
    assert.equal((await get('mine', 'mortal')).Item, undefined);
    await put('mortal');
  });

  test('an update is billed by the whole item', async () => {
    await put('big', { text: { S: 'x'.repeat(3000) } });
    meter.reset();
    await dynamodb.send(
      new UpdateItemCommand({
        TableName: nameOf('Table'),
        Key: item('mine', 'big'),
        UpdateExpression: 'SET note = :note',
        ExpressionAttributeValues: { ':note': { S: 'small' } },
      }),
    );
    assert.equal(meter.report().operations[0]?.units, 3);
  });

  test('a delayed message appears when the clock is moved, also to a poll under way', async () => {
    const QueueUrl = nameOf('Queue');
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'later', DelaySeconds: 600 }));
    const poll = sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
    clock.advance(601);
    assert.equal((await poll).Messages?.[0]?.Body, 'later');
  });

  test('an object comes back whole with its size', async () => {
    const Bucket = nameOf('Bucket');
    await s3.send(new PutObjectCommand({ Bucket, Key: 'kept/a b.txt', Body: Buffer.from('hello') }));
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'kept/a b.txt' }));
    assert.equal(head.ContentLength, 5);
    const object = await s3.send(new GetObjectCommand({ Bucket, Key: 'kept/a b.txt' }));
    assert.equal(await object.Body?.transformToString(), 'hello');
  });

  test('deleting several objects is judged by each key', async () => {
    const Bucket = nameOf('Bucket');
    const remove = (...keys: string[]) =>
      s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: keys.map((Key) => ({ Key })) } }));
    await s3.send(new PutObjectCommand({ Bucket, Key: 'kept/x&y', Body: 'x' }));
    await remove('kept/x&y');
    await assert.rejects(s3.send(new HeadObjectCommand({ Bucket, Key: 'kept/x&y' })));
    await assert.rejects(remove('kept/a', 'elsewhere/b'), { name: 'AccessDenied' });
  });

  test('a lost reply was done: the retry meets its own write', async () => {
    faults.set([{ service: 'dynamodb', operation: 'PutItem', fault: 'reply-lost', count: 1 }]);
    await assert.rejects(put('done'), { name: 'ConditionalCheckFailedException' });
    assert.equal(faults.list()[0]?.hits, 1);
  });

  test('an error was not done, and a crash kills the worker that called', async () => {
    faults.set([
      { service: 'dynamodb', operation: 'PutItem', fault: 'error', count: 1 },
      { service: 'dynamodb', operation: 'GetItem', fault: 'crash', when: 'before', count: 1 },
    ]);
    await put('after an error');
    await get('mine', 'after an error');
    assert.deepEqual(killed, ['worker-7']);
  });

  test('a call without credentials of the host is refused', async () => {
    const answer = await fetch(open.gateway.endpoint, { method: 'POST', body: '{}' });
    assert.equal(answer.status, 403);
  });
});

describe('what the gateway refuses to host', () => {
  const start = (resources: Parameters<typeof writeAssembly>[0]) =>
    openGateway({
      assemblyDir: writeAssembly(resources),
      clock: createClock(),
      meter: createMeter(createClock()),
      faults: createFaults(),
    });

  test('an unknown type stops the start with type and name', async () => {
    await assert.rejects(
      start({ Odd: { Type: 'AWS::Kinesis::Stream', Properties: {} } }),
      /AWS::Kinesis::Stream.*Odd/,
    );
  });

  test('a FIFO queue stops the start with its name', async () => {
    const Properties = { FifoQueue: true };
    await assert.rejects(start({ Fifo: { Type: 'AWS::SQS::Queue', Properties } }), /FifoQueue of Fifo/);
  });

  test('an unknown condition key stops the start with its name', async () => {
    const condition = { Condition: { StringEquals: { 'aws:Mood': 'good' } } };
    const resources = {
      Function: aFunction('Role'),
      Queue: RESOURCES.Queue,
      Role: aRole(statement('sqs:*', '*', condition)),
    };
    await assert.rejects(start(resources), /aws:Mood/);
  });
});
