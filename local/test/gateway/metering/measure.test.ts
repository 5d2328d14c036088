import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type MeasuredCall, measure } from '../../../src/gateway/metering/measure.ts';

const KB = 1024;
const text = (bytes: number) => 'x'.repeat(bytes);
const chunks = (units: number) => [units, '64KB chunk'] as const;

const measured = (overrides: Partial<MeasuredCall>) =>
  measure({
    ...{ service: 'sqs', operation: 'SendMessage', functionName: 'accept-message' },
    ...{ request: {}, response: {}, status: 200 },
    ...overrides,
  });
const unitsOf = (overrides: Partial<MeasuredCall>) =>
  measured(overrides).map(({ units, unit }) => [units, unit]);

const address = (name: string) => `${name}@example.com`;
const attribute = { DataType: 'String', StringValue: text(60) };

describe('SQS', () => {
  for (const [title, call, expected] of [
    ['bills one chunk for 64 KB', { request: { MessageBody: text(64 * KB) } }, [chunks(1)]],
    ['bills two chunks for a byte more', { request: { MessageBody: text(64 * KB + 1) } }, [chunks(2)]],
    [
      'counts message attributes as payload',
      { request: { MessageBody: text(64 * KB - 60), MessageAttributes: { a: attribute } } },
      [chunks(2)],
    ],
    [
      'adds the fair surcharge for a group',
      { request: { MessageBody: text(65 * KB), MessageGroupId: 'tenant' } },
      [chunks(2), [2, 'fair surcharge']],
    ],
    [
      'sums the entries of a batch',
      {
        operation: 'SendMessageBatch',
        request: { Entries: [{ MessageBody: text(40 * KB) }, { MessageBody: text(40 * KB) }] },
      },
      [chunks(2)],
    ],
    [
      'adds the fair surcharge to a batch with one group',
      {
        operation: 'SendMessageBatch',
        request: { Entries: [{ MessageBody: 'a' }, { MessageBody: 'b', MessageGroupId: 'tenant' }] },
      },
      [chunks(1), [1, 'fair surcharge']],
    ],
    ['bills an empty receive', { operation: 'ReceiveMessage' }, [[1, 'empty receive']]],
    [
      'sums the received bodies',
      { operation: 'ReceiveMessage', response: { Messages: [{ Body: text(64 * KB) }, { Body: 'x' }] } },
      [chunks(2)],
    ],
    ['bills a delete', { operation: 'DeleteMessageBatch' }, [chunks(1)]],
    ['bills a look at attributes', { operation: 'GetQueueAttributes' }, [chunks(1)]],
    ['bills nothing for a refused call', { status: 400 }, []],
    ['bills nothing for a server error', { status: 503, response: undefined }, []],
  ] as const) {
    test(title, () => assert.deepEqual(unitsOf(call), expected));
  }
});

describe('S3, SNS, EventBridge and Lambda', () => {
  for (const [title, call, expected] of [
    ['bill a put', { service: 's3', operation: 'PutObject' }, [[1, 'PUT']]],
    ['bill a list as a put', { service: 's3', operation: 'ListObjectsV2' }, [[1, 'PUT']]],
    ['bill a get', { service: 's3', operation: 'GetObject' }, [[1, 'GET']]],
    ['bill a head as a get', { service: 's3', operation: 'HeadObject' }, [[1, 'GET']]],
    ['count a delete', { service: 's3', operation: 'DeleteObject' }, [[1, 'DELETE']]],
    ['bill nothing for a failed put', { service: 's3', operation: 'PutObject', status: 500 }, []],
    [
      'bill the chunks of a publish',
      { service: 'sns', operation: 'Publish', request: { Message: text(65 * KB) } },
      [chunks(2)],
    ],
    [
      'tell custom events from those of AWS',
      {
        service: 'events',
        operation: 'PutEvents',
        request: { Entries: [{ Source: 'aws.ses' }, { Source: 'shop', Detail: text(65 * KB) }] },
      },
      [chunks(2), [1, 'AWS event']],
    ],
    [
      'bill no event that was not taken',
      {
        service: 'events',
        operation: 'PutEvents',
        request: { Entries: [{ Source: 'shop' }, { Source: 'shop', Detail: '{' }] },
        response: { Entries: [{ EventId: '1' }, { ErrorCode: 'MalformedDetail' }] },
      },
      [chunks(1)],
    ],
    ['leave invocations to the host', { service: 'lambda', operation: 'Invoke' }, []],
  ] as const) {
    test(title, () => assert.deepEqual(unitsOf(call), expected));
  }
});

describe('SES', () => {
  const Destination = {
    ToAddresses: [address('a'), address('b')],
    CcAddresses: [address('c')],
    BccAddresses: [address('d')],
  };
  const Attachments = [1, 2].map(() => ({ RawContent: Buffer.alloc(512 * KB).toString('base64') }));
  const send = (request: unknown) => unitsOf({ service: 'ses', operation: 'SendEmail', request });

  test('bills every recipient', () => assert.deepEqual(send({ Destination }), [[4, 'recipient']]));

  test('bills the decoded bytes of attachments', () => {
    assert.deepEqual(send({ Destination, Content: { Simple: { Attachments } } }), [
      [4, 'recipient'],
      [1 / 1024, 'attachment GB'],
    ]);
  });

  test('bills nothing for a look at the account', () => {
    assert.deepEqual(unitsOf({ service: 'ses', operation: 'GetAccount' }), []);
  });
});

describe('a measured call', () => {
  test('counts its request once beside a surcharge', () => {
    const usages = measured({ request: { MessageBody: 'a', MessageGroupId: 'tenant' } });
    assert.deepEqual(
      usages.map(({ requests }) => requests),
      [1, 0],
    );
  });

  test('names function, service and operation', () => {
    assert.deepEqual(measured({ request: { MessageBody: 'a' } }), [
      {
        ...{ functionName: 'accept-message', service: 'sqs', operation: 'SendMessage' },
        ...{ requests: 1, units: 1, unit: '64KB chunk' },
      },
    ]);
  });

  test('takes the evaluated items of a filtered query', () => {
    const evaluated = [{ k: { S: text(8 * KB) } }];
    const request = { FilterExpression: 'a = b' };
    assert.deepEqual(unitsOf({ service: 'dynamodb', operation: 'Query', request, evaluated }), [
      [1.5, 'RRU'],
    ]);
  });
});
