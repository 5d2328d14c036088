import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type BilledCall, unitsFor } from '../support/idle-services.ts';

const KB = 1024;
const text = (bytes: number) => 'x'.repeat(bytes);
const chunks = (units: number) => [units, '64KB chunk'] as const;
const attribute = { DataType: 'String', StringValue: text(60) };

describe('SQS on the bill', () => {
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
    ['bills nothing for a server error', { status: 503 }, []],
  ] as const) {
    const { operation = 'SendMessage', ...rest }: BilledCall & { operation?: string } = call;
    test(title, () => assert.deepEqual(unitsFor('sqs', operation, rest), expected));
  }
});
