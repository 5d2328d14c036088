import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { laneOf } from '../../../shared/event-log/event-segment.ts';
import { cursorBehind } from '../../../shared/event-log/log-cursor.ts';
import { positionBetween } from '../../../shared/event-log/log-position.ts';
import type { LogCursor } from '../../../shared/event-log/ports.ts';

describe('where an event stands between two cursors', () => {
  /** How many events each segment has, and how many numbers are left out ahead of it. */
  const segments = fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.constantFrom(0, 0, 0, 7)), {
    maxLength: 10,
  });

  test('is known of each, wherever a segment begins and ends', () => {
    fc.assert(
      fc.property(segments, (sizes) => {
        let cursor: LogCursor = { segment: 1, index: 0 };
        for (const [count, gap] of sizes) {
          const segment = cursor.segment + gap;
          for (let index = 0; index < count; index += 1) {
            const after = cursorBehind(segment, index, count);
            assert.deepEqual(positionBetween(cursor, after), { lane: laneOf(segment), segment, index });
            cursor = after;
          }
        }
      }),
    );
  });
});
