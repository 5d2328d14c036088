import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type History, readAll, runHistory } from '../../../support/event-log/log-history.ts';

const HISTORIES = 120;

describe('a log that many append to, who die at any await, while readers stop and go on', () => {
  test('a log has every event once, in one order for all, and each shard in its own', {
    timeout: 120_000,
  }, async (t) => {
    const first = Number(process.env.LOG_SEED ?? Date.now() % 1_000_000);
    t.diagnostic(`seeds from ${first}; LOG_SEED repeats them`);
    for (let seed = first; seed < first + HISTORIES; seed++) {
      await assertOnce(await runHistory(seed), `seed ${seed}`);
    }
  });
});

async function assertOnce({ offered, seen, answers, reader }: History, seed: string): Promise<void> {
  const log = await readAll(reader, 1);
  assert.deepEqual(log.map(({ id }) => id).toSorted(), offered.toSorted(), seed);
  for (const ids of seen)
    assert.deepEqual(
      ids,
      log.map(({ id }) => id),
      seed,
    );
  for (const shard of [0, 1, 2]) assertInOrder(log, shard, seed);

  const news = answers.filter(({ isNew }) => isNew).map(({ event }) => event.id);
  assert.equal(new Set(news).size, news.length, seed);
  for (const { event, position } of answers) {
    assert.deepEqual(await reader.get('default', position), event, seed);
  }
}

function assertInOrder(log: readonly { readonly fact: unknown }[], shard: number, seed: string): void {
  const places = log.map(({ fact }) => String(fact).split('.').map(Number));
  const own = places.filter(([of]) => of === shard).map(([, place]) => place);
  assert.deepEqual(
    own,
    own.toSorted((one = 0, other = 0) => one - other),
    seed,
  );
}
