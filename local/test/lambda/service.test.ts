import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type BilledCall, unitsFor } from '../support/idle-services.ts';

describe('Lambda on the bill', () => {
  for (const [title, call, expected] of [
    ['Lambda leaves invocations to the host', { operation: 'Invoke' }, []],
  ] as const) {
    const { operation, ...rest }: BilledCall & { operation: string } = call;
    test(title, () => assert.deepEqual(unitsFor('lambda', operation, rest), expected));
  }
});
