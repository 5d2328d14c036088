import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { decodeLogCursor, encodeLogCursor } from '../../../../shared/event-log/contract/event-log-cursor.ts';
import { CursorError, type LogCursor } from '../../../../shared/event-log/ports.ts';
import { type DisturbedClient, disturb } from '../../../support/aws/disturbed-client.ts';
import { startDynalite } from '../../../support/aws/dynalite.ts';
import { anEntry, anEvent, noise } from '../../../support/event-log/log-builders.ts';
import { createLogWorld, type LogWorld } from '../../../support/event-log/log-world.ts';
import { NOON } from '../../../support/messages/message-builders.ts';

const DAY_MS = 86_400_000;

let client: DynamoDBClient;
let stop: () => Promise<void>;
let disturbed: DisturbedClient;
let world: LogWorld;
let log: ReturnType<LogWorld['open']>;
let tenants = 0;

before(async () => {
  ({ client, stop } = await startDynalite());
  disturbed = disturb(client);
});
after(() => stop());
beforeEach(() => {
  tenants += 1;
  world = createLogWorld(client, `tenant-${tenants}`);
  log = world.open();
  disturbed.heal();
});

const range = (count: number, from = 0) => Array.from({ length: count }, (_, index) => from + index);

/** One block for each list. */
async function blocks(...lists: readonly (readonly (string | number)[])[]): Promise<void> {
  for (const facts of lists) await log.append(world.tenant, world.entries(facts));
}

const read = (cursor?: LogCursor, maxBlocks = 5) => world.reader.read(world.tenant, cursor, { maxBlocks });
const factsOf = ({ events }: Awaited<ReturnType<typeof read>>) => events.map(({ event }) => event.data.fact);

const isRefused = (kind: CursorError['kind']) => (error: unknown) =>
  error instanceof CursorError && error.kind === kind && error.permanent;

describe('a reader', () => {
  test('gets whole blocks from the oldest on, and goes on where it stopped', async () => {
    await blocks([1, 2], [3], [4, 5, 6], [7]);
    const first = await read(undefined, 3);
    assert.deepEqual([factsOf(first), first.hasMore], [[1, 2, 3, 4, 5, 6], true]);
    const second = await read(first.next, 3);
    assert.deepEqual([factsOf(second), second.hasMore], [[7], false]);
    const third = await read(second.next, 3);
    assert.deepEqual([factsOf(third), third.hasMore], [[], false]);
    await blocks([8]);
    assert.deepEqual(factsOf(await read(third.next)), [8]);
  });

  test('reads on behind any event, also from a cursor that went through text', async () => {
    await blocks([1, 2], [3], [4, 5, 6], [7]);
    const { events } = await read();
    for (const [index, { after: cursor }] of events.entries()) {
      const again = decodeLogCursor(encodeLogCursor(cursor));
      assert.deepEqual(again, cursor);
      assert.deepEqual(await world.facts(again, 2), range(6 - index, index + 2));
    }
  });

  test('the cursor of a log that never was waits at its beginning', async () => {
    const page = await read();
    assert.deepEqual([page.events, page.hasMore, page.next.block], [[], false, 1]);
    await blocks([1]);
    assert.deepEqual(await world.facts(page.next), [1]);
    assert.deepEqual(await world.facts({ block: 1, index: 0 }), [1]);
  });

  test('says that there is more only where there is', async () => {
    await blocks(...range(6).map((fact) => [fact]));
    for (const maxBlocks of range(8, 1)) {
      const { hasMore, events } = await read(undefined, maxBlocks);
      assert.deepEqual([events.length, hasMore], [Math.min(6, maxBlocks), maxBlocks < 6]);
    }
  });

  test('never passes a gap', async () => {
    await blocks([1], [2], [3], [4]);
    await world.remove(3);
    const page = await read();
    assert.deepEqual(factsOf(page), [1, 2]);
    const { events, hasMore, next } = await read(page.next);
    assert.deepEqual([events, hasMore, next], [[], false, page.next]);
  });

  test('reads bit by bit what is larger than one answer of the table', async () => {
    const { tenant } = world;
    const facts = range(24);
    for (const fact of facts) {
      await log.append(tenant, [
        anEntry(anEvent(fact, { tenant, data: { fact, noise: noise(fact, 250_000) } })),
      ]);
    }
    const page = await read(undefined, 24);
    assert.ok(page.hasMore && page.events.length < 24);
    assert.deepEqual(await world.facts(undefined, 24), facts);
  });

  test('asks each partition once, also where there is nothing new', async () => {
    await blocks([1], [2]);
    const { next } = await read();
    disturbed.heal();
    await read(next);
    assert.deepEqual(
      disturbed.calls.map(({ name }) => name),
      ['QueryCommand', 'QueryCommand'],
    );
  });

  test('gets one event by its position', async () => {
    await blocks([1, 2], [3]);
    const get = async (partition: number, block: number, index: number) =>
      (await world.reader.get(world.tenant, { partition, block, index }))?.data.fact;
    assert.deepEqual([await get(1, 1, 1), await get(0, 2, 0)], [2, 3]);
    assert.deepEqual(
      [await get(1, 1, 2), await get(0, 1, 0), await get(1, 3, 0)],
      [undefined, undefined, undefined],
    );
    world.time.nowEpochMs += 36 * DAY_MS;
    assert.equal(await get(1, 1, 1), undefined);
  });
});

describe('a cursor', () => {
  test('a cursor that points behind the end or into nothing is none of this log', async () => {
    await blocks([1, 2], [3]);
    for (const [block, index] of [
      [4, 0],
      [3, 1],
      [2, 1],
      [1, 2],
      [1, 7],
      [2 ** 45, 0],
      [0, 0],
      [-1, 0],
      [1, -1],
      [1.5, 0],
      [Number.NaN, 0],
    ] as const) {
      await assert.rejects(read({ block, index }), isRefused('unknown'), `${block} ${index}`);
    }
    assert.deepEqual(factsOf(await read({ block: 3, index: 0 })), []);
  });

  test('a cursor has expired with what follows it, though the table still has it', async () => {
    await blocks([1], [2], [3]);
    world.time.nowEpochMs += 20 * DAY_MS;
    await blocks([4], [5]);
    world.time.nowEpochMs += 20 * DAY_MS;
    for (const block of [1, 2, 3]) {
      await assert.rejects(read({ block, index: 0 }), isRefused('expired'), `${block}`);
    }
    assert.deepEqual(factsOf(await read({ block: 4, index: 0 })), [4, 5]);
    await world.remove(1, 3);
    await assert.rejects(read({ block: 1, index: 0 }), isRefused('expired'));
    await assert.rejects(read({ block: 3, index: 0 }), isRefused('expired'));
  });

  test('a cursor at the end holds though everything before it is gone, and into what comes after', async () => {
    await blocks([1], [2]);
    const { next } = await read();
    world.time.nowEpochMs += 30 * DAY_MS;
    const { next: later } = await read(next);
    world.time.nowEpochMs += 30 * DAY_MS;
    await world.remove(1, 2);
    const { next: empty, events } = await read(later);
    assert.deepEqual(events, []);
    await blocks(['new']);
    for (const cursor of [later, empty]) assert.deepEqual(await world.facts(cursor), ['new']);
    await assert.rejects(read(next), isRefused('expired'));
    await assert.rejects(read({ block: 1, index: 0 }), isRefused('expired'));
    await assert.rejects(read({ block: 3, index: 0 }), isRefused('expired'));
  });

  test('an earlier cursor has expired where all has, and nothing came after', async () => {
    await blocks([1], [2]);
    const { next } = await read(undefined, 1);
    world.time.nowEpochMs += 60 * DAY_MS;
    await assert.rejects(read(next), isRefused('expired'));
    await world.remove(1, 2);
    await assert.rejects(read(next), isRefused('expired'));
    assert.deepEqual(factsOf(await read()), []);
  });
});

describe('what has expired', () => {
  test('an expired block is not there, and the oldest that is kept is found by halves', async () => {
    for (const fact of range(40)) {
      await blocks([fact]);
      world.time.nowEpochMs += DAY_MS;
    }
    // The one of day 5 is 35 days old; those before have expired, and some are removed.
    await world.remove(1, 2, 4);
    disturbed.heal();
    const page = await read(undefined, 1);
    assert.deepEqual(factsOf(page), [6]);
    assert.ok(disturbed.calls.length <= 6 + 7, `${disturbed.calls.length} calls`);
    assert.deepEqual(await world.facts(), range(34, 6));
  });
});

describe('seeking a time', () => {
  test('seeking a time begins with what was appended then or later', async () => {
    for (const fact of range(20)) {
      await blocks([fact]);
      world.time.nowEpochMs += 1_000;
    }
    for (const [epochMs, first] of [
      [0, 0],
      [NOON, 0],
      [NOON + 1, 1],
      [NOON + 7_000, 7],
      [NOON + 7_500, 8],
      [NOON + 19_000, 19],
    ] as const) {
      const cursor = await world.reader.seek(world.tenant, epochMs);
      assert.deepEqual(await world.facts(cursor), range(20 - first, first), `${epochMs - NOON}`);
    }
  });

  test('a time that has not come is the end', async () => {
    await blocks([1]);
    const cursors = [
      await world.reader.seek(world.tenant, NOON + DAY_MS),
      await world.reader.end(world.tenant),
      await world.reader.end('nobody'),
    ];
    assert.deepEqual(
      cursors.map(({ block, index }) => [block, index]),
      [
        [2, 0],
        [2, 0],
        [1, 0],
      ],
    );
    await blocks([2]);
    for (const cursor of cursors.slice(0, 2)) assert.deepEqual(await world.facts(cursor), [2]);
  });

  test('a time from which nothing is kept begins with the oldest that is', async () => {
    await blocks([1]);
    world.time.nowEpochMs += 20 * DAY_MS;
    await blocks([2]);
    world.time.nowEpochMs += 20 * DAY_MS;
    assert.deepEqual(await world.facts(await world.reader.seek(world.tenant, NOON)), [2]);
  });
});
