import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import {
  cutBlock,
  eraOfEmptyLog,
  fingerprintOf,
  firstOfEra,
  isFirstOfEra,
} from '../../../shared/event-log/event-block.ts';
import { eventIdOf } from '../../../shared/events/published-event.ts';
import { NOON } from '../../support/messages/message-builders.ts';

const range = (count: number) => Array.from({ length: count }, (_, index) => index);

/** All blocks that a batch is cut into. */
function cutAll(sizes: readonly number[]): readonly (readonly number[])[] {
  const blocks: (readonly number[])[] = [];
  for (let rest = sizes; rest.length > 0; ) {
    const next = cutBlock(rest, (bytes) => bytes);
    blocks.push(next);
    rest = rest.slice(next.length);
  }
  return blocks;
}

describe('cutting a batch into blocks', () => {
  for (const [count, counts] of [
    [1, [1]],
    [200, [200]],
    [201, [101, 100]],
    [1_000, [200, 200, 200, 200, 200]],
  ] as const) {
    test(`cuts ${count} small events into ${counts.length} segments`, () => {
      const blocks = cutAll(range(count).map(() => 500));
      assert.deepEqual(
        blocks.map(({ length }) => length),
        counts,
      );
    });
  }

  test('cutting loses nothing, keeps the order and stays below 300 KB where a segment has several events', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(200_000), { minLength: 1, maxLength: 400 }), (sizes) => {
        const blocks = cutAll(sizes);
        assert.deepEqual(blocks.flat(), sizes);
        for (const block of blocks) {
          assert.ok(block.length > 0 && block.length <= 200);
          assert.ok(block.length === 1 || block.reduce((sum, size) => sum + size, 0) <= 300_000);
        }
      }),
    );
  });
});

describe('the era of an empty log', () => {
  const DAY_MS = 86_400_000;

  test('the era of a log that never was is the first', () => {
    assert.equal(eraOfEmptyLog(undefined, NOON), 0);
    assert.equal(firstOfEra(0), 1);
  });

  test('the era is the one that has just been begun, and the next after all of that has expired', () => {
    const last = { era: 3, begunAtEpochMs: NOON };
    assert.equal(eraOfEmptyLog(last, NOON + 60_000), 3);
    assert.equal(eraOfEmptyLog(last, NOON - 60_000), 3);
    assert.equal(eraOfEmptyLog(last, NOON + 36 * DAY_MS), 4);
  });

  test('an era has numbers above those of a thousand blocks a second since the one before', () => {
    const yearOfBlocks = 1_000 * 86_400 * 365;
    assert.ok(firstOfEra(1) > 30 * yearOfBlocks);
    assert.ok(Number.isSafeInteger(firstOfEra(8_000)));
    assert.ok(isFirstOfEra(firstOfEra(5)) && !isFirstOfEra(firstOfEra(5) + 1));
  });
});

test('a fact has one fingerprint, with any time', () => {
  const [one, other] = [eventIdOf(NOON, 'a'), eventIdOf(NOON + 5, 'a')];
  assert.equal(fingerprintOf(one), fingerprintOf(other));
  assert.notEqual(fingerprintOf(one), fingerprintOf(eventIdOf(NOON, 'b')));
  assert.match(fingerprintOf('any other text'), /^[\da-f]{20}$/);
});
