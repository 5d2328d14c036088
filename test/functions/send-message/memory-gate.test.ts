import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { createMemoryGate } from '../../../functions/send-message/memory-gate.ts';

describe('memory gate', () => {
  test('the memory gate never holds more than its budget, lets all jobs in, and in order', async () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 250 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), sizes, async (scheduler, weights) => {
        const gate = createMemoryGate(100, () => {});
        const entered: number[] = [];
        let held = 0;
        const all = weights.map((bytes, index) =>
          gate.run(bytes, async () => {
            entered.push(index);
            held += Math.min(bytes, 100);
            assert.ok(held <= 100);
            await scheduler.schedule(Promise.resolve());
            held -= Math.min(bytes, 100);
          }),
        );
        await scheduler.waitFor(Promise.all(all));
        assert.deepEqual(
          entered,
          [...entered].sort((one, other) => one - other),
        );
        assert.equal(entered.length, weights.length);
      }),
    );
  });

  test('reclaims memory after a large job and not after small ones', async () => {
    let reclaimed = 0;
    const gate = createMemoryGate(100, () => {
      reclaimed += 1;
    });
    for (const bytes of [1, 9, 10, 100, 0]) await gate.run(bytes, async () => {});
    assert.equal(reclaimed, 2);
  });

  test('the memory gate goes on after a failure', async () => {
    const gate = createMemoryGate(10, () => {});
    await assert.rejects(gate.run(10, () => Promise.reject(new Error('no'))));
    assert.equal(await gate.run(Number.POSITIVE_INFINITY, async () => 'in'), 'in');
  });
});
