import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { LogCursor } from '../../shared/domain/event-ports.ts';
import { positionBetween } from '../../shared/domain/log-position.ts';

interface Walk {
  /** For each lane the number of events in each of its segments. */
  readonly lanes: readonly (readonly number[])[];
  /** Which lane the reader takes the next event from, by chance. */
  readonly choices: readonly number[];
}

const walks: fc.Arbitrary<Walk> = fc.record({
  lanes: fc.array(fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 }), {
    minLength: 1,
    maxLength: 3,
  }),
  choices: fc.array(fc.nat(), { minLength: 40, maxLength: 40 }),
});

/** Takes every event of every lane, and looks at what the cursors say of each. */
function checkWalk({ lanes, choices }: Walk, isEndNextSegment: boolean): void {
  let cursor: LogCursor = lanes.map(() => ({ segment: 0, index: 0 }));
  const left = lanes.map((sizes) =>
    sizes.flatMap((size, segment) => Array.from({ length: size }, (_, index) => ({ segment, index, size }))),
  );
  for (const choice of choices) {
    const open = left.flatMap((events, lane) => (events.length > 0 ? [lane] : []));
    const lane = open[choice % open.length];
    const event = lane === undefined ? undefined : left[lane]?.shift();
    if (lane === undefined || event === undefined) return;
    const { segment, index, size } = event;
    const isLast = index + 1 === size;
    const behind =
      isLast && isEndNextSegment ? { segment: segment + 1, index: 0 } : { segment, index: index + 1 };
    const after = cursor.map((each, own) => (own === lane ? behind : each));
    assert.deepEqual(positionBetween(cursor, after), { lane, segment, index });
    cursor = after;
  }
}

describe('where an event stands between two cursors', () => {
  for (const isEndNextSegment of [true, false]) {
    test(`is known of every event, with the end of a segment told by ${isEndNextSegment ? 'the next' : 'itself'}`, () => {
      fc.assert(fc.property(walks, (walk) => checkWalk(walk, isEndNextSegment)));
    });
  }
});
