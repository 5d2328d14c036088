import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { createIds } from '../../../shared/runtime/ids.ts';
import {
  DUE_SHARD_COUNT,
  dueBucketOf,
  dueItemOf,
  dueMinuteOf,
  duePlaceAt,
  duePositionOf,
  dueShardOf,
  startOfDueMinute,
} from '../../../shared/scheduling/due-row.ts';
import { NOON } from '../../support/messages/message-builders.ts';

const ROWS = 1_000_000;
/** DynamoDB: a partition key takes so many written units a second. */
const UNITS_PER_KEY_AND_SECOND = 1_000;

/**
 * Rows of the fullest bucket of a minute. Each process makes all of its ids within one millisecond, so that a counter runs
 * in their heads.
 */
function fullestKey(rows: number, acceptedAt: readonly number[]): number {
  const processes = acceptedAt.map((epochMs) => createIds({ nowEpochMs: () => epochMs }));
  const rowsOfKey = new Map<string, number>();
  for (let row = 0; row < rows; row += 1) {
    const messageId = processes[row % processes.length]?.next() ?? '';
    const bucket = dueBucketOf('2026-11-23T12:00', dueShardOf(messageId));
    rowsOfKey.set(bucket, (rowsOfKey.get(bucket) ?? 0) + 1);
  }
  assert.equal(rowsOfKey.size, DUE_SHARD_COUNT);
  return Math.max(...rowsOfKey.values());
}

const moments = fc.integer({ min: NOON, max: NOON + 60 * 86_400_000 });

describe('the key of a due row', () => {
  test('a million rows of one minute spread so that no key takes 1,000 units a second, even within 20 seconds', () => {
    const fullest = fullestKey(ROWS, [NOON - 3_600_000]);
    // 15,625 on average; a row is one written unit.
    assert.ok(fullest < 1.06 * (ROWS / DUE_SHARD_COUNT), `${fullest}`);
    assert.ok(fullest / 60 < 0.28 * UNITS_PER_KEY_AND_SECOND);
    assert.ok(fullest / 20 < UNITS_PER_KEY_AND_SECOND);
  });

  test('spreads the rows of any processes, at any time they accept them', () => {
    fc.assert(
      fc.property(fc.array(moments, { minLength: 1, maxLength: 4 }), (acceptedAt) => {
        assert.ok(fullestKey(ROWS / 20, acceptedAt) < 1.25 * (ROWS / 20 / DUE_SHARD_COUNT));
      }),
      { numRuns: 5 },
    );
  });

  test('sorts a bucket by time, with any ids', () => {
    fc.assert(
      fc.property(moments, moments, fc.uuid(), fc.uuid(), (one, other, id, otherId) => {
        fc.pre(one < other);
        assert.ok(dueItemOf(one, id) < dueItemOf(other, otherId));
        assert.ok(dueMinuteOf(one) <= dueMinuteOf(other));
      }),
    );
  });

  test('names a minute by its beginning, in UTC', () => {
    assert.equal(dueMinuteOf(NOON + 59_999), '2026-11-23T12:00');
    assert.equal(dueMinuteOf(NOON + 60_000), '2026-11-23T12:01');
    assert.equal(startOfDueMinute('2026-11-23T12:00'), NOON);
    assert.equal(dueBucketOf('2026-11-23T12:00', 7), 'due#2026-11-23T12:00#07');
  });
});

describe('the position of a due row', () => {
  const place = fc.record({ dueEpochMs: moments, shard: fc.integer({ min: 0, max: DUE_SHARD_COUNT - 1 }) });
  const withMinute = ({ dueEpochMs, shard }: { dueEpochMs: number; shard: number }) => ({
    minute: dueMinuteOf(dueEpochMs),
    shard,
    dueEpochMs,
  });

  test('its number tells the place', () => {
    fc.assert(
      fc.property(place, (each) => {
        const position = duePositionOf(withMinute(each));
        assert.ok(Number.isSafeInteger(position));
        assert.deepEqual(duePlaceAt(position), withMinute(each));
      }),
    );
  });

  test('the position of a due row goes by minute, then by shard, then by time', () => {
    fc.assert(
      fc.property(place, place, (one, other) => {
        const keyOf = (each: typeof one) => {
          const { minute, shard, dueEpochMs } = withMinute(each);
          return `${dueBucketOf(minute, shard)}#${dueItemOf(dueEpochMs, '')}`;
        };
        const [first, second] = [duePositionOf(withMinute(one)), duePositionOf(withMinute(other))];
        assert.equal(first < second, keyOf(one) < keyOf(other));
      }),
    );
  });

  test('the place of no time at all is the first', () => {
    assert.equal(duePlaceAt(0).minute, '1970-01-01T00:00');
  });
});
