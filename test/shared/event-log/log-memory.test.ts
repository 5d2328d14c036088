import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createLogMemory } from '../../../shared/event-log/log-memory.ts';
import { type LogSpan, reachesBackTo } from '../../../shared/event-log/log-span.ts';

/** 100 events take a thousand bytes, and their block 200 more. */
const spanOf = (count: number, from = 1): LogSpan => ({
  traces: Array.from({ length: count }, (_, index) => ({
    ...{ number: from + index, atEpochMs: index, newestRecordAtEpochMs: index * 1_000 },
    fingerprints: new Uint8Array(1_000),
  })),
  next: from + count,
  isWhole: true,
});

describe('the memory of a writer', () => {
  test('forgets the log that was not written to for longest', () => {
    const memory = createLogMemory(12_000);
    for (const tenant of ['a', 'b', 'c']) memory.set(tenant, spanOf(3));
    memory.set('a', spanOf(4));
    memory.set('d', spanOf(3));
    assert.deepEqual(
      ['a', 'b', 'c', 'd'].filter((tenant) => memory.get(tenant) !== undefined),
      ['a', 'c', 'd'],
    );
  });

  test('keeps the newer half of a memory that is too long, and knows that it is not all', () => {
    const memory = createLogMemory(12_000);
    memory.set('a', spanOf(100));
    const span = memory.get('a');
    assert.deepEqual(
      [span?.traces.at(0)?.number, span?.traces.length, span?.next, span?.isWhole],
      [95, 6, 101, false],
    );
    assert.ok(span && reachesBackTo(span, 95_000) && !reachesBackTo(span, 94_000));
  });

  test('memory is the same after many changes as after the last', () => {
    const memory = createLogMemory(12_000);
    for (let round = 0; round < 100; round++) memory.set('a', spanOf(1 + (round % 9)));
    for (const tenant of ['a', 'b']) memory.set(tenant, spanOf(5));
    assert.ok(memory.get('a') && memory.get('b'));
  });
});
