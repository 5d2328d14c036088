import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readAll, runHistory } from '../support/event-log/log-history.ts';

const HISTORIES = 1_500;

describe('a log in many histories', () => {
  test('a log has every event once, in one order for all readers', { timeout: 900_000 }, async (t) => {
    const first = Number(process.env.LOG_SEED ?? Date.now() % 1_000_000);
    t.diagnostic(`seeds from ${first}; LOG_SEED repeats them`);
    for (let seed = first; seed < first + HISTORIES; seed++) {
      const { offered, seen, reader } = await runHistory(seed);
      const log = (await readAll(reader, 3)).map(({ id }) => id);
      assert.deepEqual(log.toSorted(), offered.toSorted(), `seed ${seed}`);
      for (const ids of seen) assert.deepEqual(ids, log, `seed ${seed}`);
    }
  });
});
