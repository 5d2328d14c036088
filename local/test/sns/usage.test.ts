import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type BilledCall, unitsFor } from '../support/idle-services.ts';

const KB = 1024;
const text = (bytes: number) => 'x'.repeat(bytes);
const chunks = (units: number) => [units, '64KB chunk'] as const;

describe('SNS on the bill', () => {
  for (const [title, call, expected] of [
    [
      'SNS bills the chunks of a publish',
      { operation: 'Publish', request: { Message: text(65 * KB) } },
      [chunks(2)],
    ],
  ] as const) {
    const { operation, ...rest }: BilledCall & { operation: string } = call;
    test(title, () => assert.deepEqual(unitsFor('sns', operation, rest), expected));
  }
});
