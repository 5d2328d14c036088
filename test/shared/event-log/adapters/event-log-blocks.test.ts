import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { createBlockReader } from '../../../../shared/event-log/adapters/event-log-blocks.ts';
import { anEvent } from '../../../support/event-log/memory-event-log.ts';

const PARTITIONS = [0, 1];
/** Of a partition, at once. */
const MOST = 4;

/** Numbers in two partitions by turns, each of which is read when its turn comes. */
function aLog(turn: () => Promise<unknown> = async () => undefined) {
  const numbers: number[] = [];
  const queries: { readonly from: number; readonly to: number }[] = [];
  const readPartition = async (partition: number, from: number, to: number, limit: number) => {
    await turn();
    const all = numbers.filter((number) => number % 2 === partition && number >= from && number <= to);
    return { found: all.slice(0, limit), isCut: all.length >= limit };
  };
  const reader = createBlockReader({
    partitionCount: PARTITIONS.length,
    decode: (body) => Array.from(body, () => anEvent()),
    rows: {
      async between(_tenant, { from, to, limit = MOST }) {
        queries.push({ from, to });
        const most = Math.min(limit, MOST);
        const partitions = await Promise.all(
          PARTITIONS.map((partition) => readPartition(partition, from, to, most)),
        );
        const found = partitions.flatMap((partition) => partition.found).sort((one, other) => one - other);
        return {
          found: found.map((number) => ({ number, body: new Uint8Array([number]) })),
          isCut: partitions.some(({ isCut }) => isCut),
        };
      },
    },
  });
  return {
    ...{ numbers, queries },
    read: async (from: number, most = 100) =>
      (await reader.read('default', from, most)).map(({ number }) => number),
    append: (number = (numbers.at(-1) ?? 0) + 1) => void numbers.push(number),
  };
}

const fromTo = (first: number, last: number): number[] =>
  Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);

describe('blocks of the log, one by one', () => {
  test('come in order from both partitions, as many as are asked for', async () => {
    const log = aLog();
    for (let count = 0; count < 30; count++) log.append();
    assert.deepEqual(await log.read(1), fromTo(1, 30));
    assert.deepEqual(await log.read(8, 5), fromTo(8, 12));
    assert.deepEqual(await log.read(31), []);
  });

  test('blocks are asked for once where there are none, or few', async () => {
    const log = aLog();
    assert.deepEqual(await log.read(0), []);
    log.append();
    log.append();
    log.append();
    assert.deepEqual(await log.read(1), [1, 2, 3]);
    assert.equal(log.queries.length, 2);
  });

  test('blocks are found behind those that have expired, in any order in which DynamoDB removes them', async () => {
    const log = aLog();
    for (const number of [2, 5, 6, 7, 9, 10, 11, 12]) log.append(number);
    assert.deepEqual(await log.read(1), [2, 5, 6, 7, 9, 10, 11, 12]);
  });

  test('blocks are found in the era that a log begins with that was empty', async () => {
    const log = aLog();
    for (const number of [2 ** 40 + 1, 2 ** 40 + 2]) log.append(number);
    assert.deepEqual(await log.read(57), [2 ** 40 + 1, 2 ** 40 + 2]);
  });

  test('a reader passes over no segment that another writer appends, and misses none', async () => {
    const run = fc.record({
      expired: fc.nat(3),
      before: fc.nat(12),
      meanwhile: fc.nat(12),
      scheduler: fc.scheduler(),
    });
    await fc.assert(
      fc.asyncProperty(run, async ({ expired, before, meanwhile, scheduler }) => {
        const log = aLog(() => scheduler.schedule(Promise.resolve()));
        for (const number of fromTo(expired + 1, expired + before)) log.append(number);
        const writer = async () => {
          for (let count = 0; count < meanwhile; count++) {
            await scheduler.schedule(Promise.resolve());
            log.append(log.numbers.length === 0 ? expired + 1 : undefined);
          }
        };
        const [found] = await scheduler.waitFor(Promise.all([log.read(1), writer()]));
        assert.deepEqual(found, fromTo(expired + 1, expired + found.length));
        assert.ok(found.length >= before);
      }),
      { numRuns: 500 },
    );
  });
});
