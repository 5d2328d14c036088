import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decideRepeat, IDEMPOTENCY_WINDOW_MS } from '../../../shared/messages/idempotency.ts';
import { placeContent } from '../../../shared/submission/content-placement.ts';

const KB = 1024;
const where = (storedBytes: number, jobBytes: number, isKept: boolean) => {
  const { store, carry } = placeContent({ storedBytes, jobBytes, isKept });
  return `${store}, ${carry}`;
};

describe('placeContent', () => {
  const table = [
    ['a small mail that is kept', 1 * KB, 3 * KB, true, 'table, inline'],
    ['8 KB compressed', 8 * KB, 40 * KB, true, 'table, inline'],
    ['a byte more', 8 * KB + 1, 40 * KB, true, 'object, inline'],
    ['one that compresses well and does not fit a chunk', 5 * KB, 64 * KB + 1, true, 'table, table'],
    ['a large one', 90 * KB, 300 * KB, true, 'object, object'],
    ['a small mail that is not kept', 1 * KB, 3 * KB, false, 'nowhere, inline'],
    ['400 KB that are not kept', 90 * KB, 400 * KB, false, 'nowhere, inline'],
    ['more than that', 90 * KB, 400 * KB + 1, false, 'object, object'],
  ] as const;
  for (const [what, storedBytes, jobBytes, isKept, expected] of table) {
    test(`places ${what}: ${expected}`, () => assert.equal(where(storedBytes, jobBytes, isKept), expected));
  }
});

describe('decideRepeat', () => {
  const record = { requestHash: 'h', reply: '{"id":"1"}', messageIds: ['1'], createdAtEpochMs: 0 };
  const now = (nowEpochMs: number, isComplete = false, requestHash = 'h') =>
    decideRepeat(record, { nowEpochMs, isComplete, requestHash }).kind;

  test('repeats the reply of a stored request, however young', () => {
    assert.equal(now(1, true), 'reply');
    assert.equal(now(IDEMPOTENCY_WINDOW_MS, true), 'reply');
  });

  test('waits a minute for a request that may still be running, then resumes it', () => {
    assert.equal(now(59_999), 'in-flight');
    assert.equal(now(60_000), 'resume');
  });

  test('refuses another payload, stored or not', () => {
    assert.equal(now(1, false, 'other'), 'other-request');
    assert.equal(now(100_000, true, 'other'), 'other-request');
  });
});
