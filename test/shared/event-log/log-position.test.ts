import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { partitionOf } from '../../../shared/event-log/event-block.ts';
import { cursorBehind } from '../../../shared/event-log/log-cursor.ts';
import { positionBetween } from '../../../shared/event-log/log-position.ts';
import type { LogCursor } from '../../../shared/event-log/ports.ts';

describe('where an event stands between two cursors', () => {
  /** How many events each block has, and how many numbers are left out ahead of it. */
  const blocks = fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.constantFrom(0, 0, 0, 7)), {
    maxLength: 10,
  });

  test('is known of each, wherever a block begins and ends', () => {
    fc.assert(
      fc.property(blocks, (sizes) => {
        let cursor: LogCursor = { block: 1, index: 0 };
        for (const [count, gap] of sizes) {
          const block = cursor.block + gap;
          for (let index = 0; index < count; index += 1) {
            const after = cursorBehind(block, index, count);
            assert.deepEqual(positionBetween(cursor, after), { partition: partitionOf(block), block, index });
            cursor = after;
          }
        }
      }),
    );
  });
});
