import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type BilledCall, unitsFor } from '../support/idle-services.ts';

const KB = 1024;
const text = (bytes: number) => 'x'.repeat(bytes);
const chunks = (units: number) => [units, '64KB chunk'] as const;

describe('EventBridge on the bill', () => {
  for (const [title, call, expected] of [
    [
      'EventBridge tells custom events from those of AWS',
      {
        operation: 'PutEvents',
        request: { Entries: [{ Source: 'aws.ses' }, { Source: 'shop', Detail: text(65 * KB) }] },
      },
      [chunks(2), [1, 'AWS event']],
    ],
    [
      'EventBridge bills no event that was not taken',
      {
        operation: 'PutEvents',
        request: { Entries: [{ Source: 'shop' }, { Source: 'shop', Detail: '{' }] },
        response: { Entries: [{ EventId: '1' }, { ErrorCode: 'MalformedDetail' }] },
      },
      [chunks(1)],
    ],
  ] as const) {
    const { operation, ...rest }: BilledCall & { operation: string } = call;
    test(title, () => assert.deepEqual(unitsFor('events', operation, rest), expected));
  }
});
