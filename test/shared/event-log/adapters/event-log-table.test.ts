import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { itemSize } from '../../../../local/src/dynamodb/item-size.ts';
import { ContendedError } from '../../../../shared/base/change.ts';
import { type BlockRow, traceOf } from '../../../../shared/event-log/adapters/event-log-rows.ts';
import { EventTooLargeError } from '../../../../shared/event-log/adapters/event-log-table.ts';
import { encodeBlock } from '../../../../shared/event-log/contract/event-block-codec.ts';
import { type DisturbedClient, disturb } from '../../../support/aws/disturbed-client.ts';
import { startDynalite } from '../../../support/aws/dynalite.ts';
import { aMailEvent, anEntry, anEvent, noise } from '../../../support/event-log/log-builders.ts';
import { createLogWorld, dyingClient, type LogWorld } from '../../../support/event-log/log-world.ts';
import { NOON } from '../../../support/messages/message-builders.ts';

const DAY_MS = 86_400_000;

let client: DynamoDBClient;
let stop: () => Promise<void>;
let disturbed: DisturbedClient;
let world: LogWorld;
let tenants = 0;

before(async () => {
  ({ client, stop } = await startDynalite());
  disturbed = disturb(client);
});
after(() => stop());
beforeEach(() => {
  tenants += 1;
  world = createLogWorld(client, `tenant-${tenants}`);
  disturbed.heal();
});

const append = (log: ReturnType<LogWorld['open']>, ...facts: readonly (string | number)[]) =>
  log.append(world.tenant, world.entries(facts));

const range = (count: number, from = 0) => Array.from({ length: count }, (_, index) => from + index);
const callNames = () => disturbed.calls.map(({ name }) => name.replace('Command', ''));

describe('a writer', () => {
  test('a writer that is alone puts each block once and reads nothing', async () => {
    const log = world.open();
    await append(log, 'first');
    disturbed.heal();
    for (let batch = 0; batch < 10; batch++) {
      world.time.nowEpochMs += 1_000;
      await append(log, ...range(5, batch * 5));
    }
    assert.deepEqual(
      callNames(),
      range(10).map(() => 'PutItem'),
    );
    assert.deepEqual(await world.numbers(), range(11, 1));
  });

  test('a writer answers where each event stands, and what is new of it', async () => {
    const log = world.open();
    await append(log, 'a', 'b');
    const answers = await append(log, 'b', 'c', 'c', 'a', 'd');
    assert.deepEqual(
      answers.map(({ event, position: { partition, block, index }, isNew }) => [
        event.data.fact,
        partition,
        block,
        index,
        isNew,
      ]),
      [
        ['b', 1, 1, 1, false],
        ['c', 0, 2, 0, true],
        ['c', 0, 2, 0, false],
        ['a', 1, 1, 0, false],
        ['d', 0, 2, 1, true],
      ],
    );
    assert.deepEqual(await world.facts(), ['a', 'b', 'c', 'd']);
  });

  test('keeps of a block what it needs, and not the whole of its body', () => {
    const body = encodeBlock(Array.from({ length: 100 }, (_, n) => anEvent(n)));
    const trace = traceOf({
      ...{ number: 1, atEpochMs: NOON, newestRecordAtEpochMs: NOON, body },
    } as BlockRow);
    assert.equal(trace.fingerprints.length, 1_000);
    assert.equal(trace.fingerprints.buffer.byteLength, 1_000);
  });

  test('an append of nothing does nothing', async () => {
    assert.deepEqual(await append(world.open()), []);
    assert.deepEqual(callNames(), []);
  });

  test('writes what expires after 35 days, in two partitions by turns', async () => {
    const log = world.open();
    for (const fact of range(3)) await append(log, fact);
    const rows = await world.rows();
    assert.deepEqual(
      rows.map(({ bucket, item }) => [bucket, item]),
      [
        [`log#${world.tenant}#1`, '0000000000000001'],
        [`log#${world.tenant}#0`, '0000000000000002'],
        [`log#${world.tenant}#1`, '0000000000000003'],
      ],
    );
    for (const row of rows) assert.equal(row.expiresAtEpochSeconds, (NOON + 35 * DAY_MS) / 1000);
  });

  test('a writer never goes back in time, even if its clock does', async () => {
    await append(world.open(), 'a');
    world.time.nowEpochMs -= 60_000;
    await append(world.open(), 'b');
    const rows = await world.rows();
    assert.deepEqual(
      rows.map(({ atEpochMs }) => atEpochMs),
      [NOON, NOON],
    );
    assert.deepEqual(
      rows.map(({ newestRecordAtEpochMs }) => newestRecordAtEpochMs),
      [NOON, NOON],
    );
  });

  test('keeps tenants apart, and takes no event of another', async () => {
    const log = world.open();
    await append(log, 'a');
    await log.append('other', [anEntry(anEvent('b', { tenant: 'other' }))]);
    assert.deepEqual(await world.facts(), ['a']);
    await assert.rejects(log.append('other', world.entries(['c'])), TypeError);
  });
});

describe('many events', () => {
  test('make blocks of one size', async () => {
    await append(world.open(), ...range(400));
    assert.deepEqual(
      (await world.rows()).map(({ count }) => count),
      [200, 200],
    );
    assert.deepEqual(await world.facts(), range(400));
  });

  test('events of 40 KB each make items below 400 KB', async () => {
    const { tenant } = world;
    const entries = range(20).map((fact) =>
      anEntry(anEvent(fact, { tenant, data: { fact, noise: noise(fact, 40_000) } })),
    );
    await world.open().append(tenant, entries);
    const rows = await world.rows();
    assert.deepEqual(
      rows.map(({ count }) => count),
      [7, 7, 6],
    );
    for (const { body } of rows) assert.ok(body.length < 390_000);
    assert.deepEqual(await world.facts(), range(20));
  });

  test('a batch with an event too large for any item fails for good and stores nothing', async () => {
    const entries = [anEntry(anEvent(1, { tenant: world.tenant, data: { noise: noise(1, 600_000) } }))];
    await assert.rejects(world.open().append(world.tenant, entries), EventTooLargeError);
    assert.deepEqual(await world.numbers(), []);
  });
});

describe('a batch that comes again', () => {
  test('a repeated batch that is cut otherwise adds only what is new, also in a new process', async () => {
    await append(world.open(), 0, 1, 2, 3);
    await append(world.open(), 2, 3, 4);
    await append(world.open(), ...range(6));
    assert.deepEqual(await world.facts(), range(6));
    assert.deepEqual(await world.numbers(), [1, 2, 3]);
  });

  test('a repeated batch finds what was stored in the same second far behind, and looks no further', async () => {
    const log = world.open();
    const secondOf = (block: number) => NOON + Math.floor(block / 4) * 1_000;
    for (const block of range(40)) await log.append(world.tenant, world.entries([block], secondOf(block)));
    disturbed.heal();
    const [answer] = await world.open().append(world.tenant, world.entries([8], secondOf(8)));
    assert.deepEqual([answer?.position.block, answer?.isNew], [9, false]);
    const queries = disturbed.calls.filter(({ name }) => name === 'QueryCommand');
    assert.equal(disturbed.calls.length, queries.length);
    // The end, 8 blocks before it and 32 before those, in two partitions each.
    assert.equal(queries.length, 6);
  });

  test('a repeated batch costs a new process one look at the end where nothing is older than that', async () => {
    await append(world.open(), 'a');
    disturbed.heal();
    await world.open().append(world.tenant, world.entries(['b'], NOON + 1_000));
    assert.deepEqual(callNames(), ['Query', 'Query', 'PutItem']);
  });

  test('an event is found, also where records of another time were appended meanwhile', async () => {
    await world.open().append(world.tenant, world.entries(['late'], NOON));
    await world.open().append(world.tenant, world.entries(['early'], NOON - 600_000));
    await world.open().append(world.tenant, world.entries(['early', 'late'], NOON - 600_000));
    assert.deepEqual(await world.facts(), ['late', 'early']);
  });

  test('an append that only knows since when its facts may be stored adds what is missing', async () => {
    await world.open().append(world.tenant, world.entries(['a'], NOON));
    world.time.nowEpochMs += DAY_MS;
    const rebuilt = world.entries(['a', 'b']).map((entry) => ({ ...entry, notBeforeEpochMs: NOON - 60_000 }));
    await world.open().append(world.tenant, rebuilt);
    // The stream has the second one after all.
    await world.open().append(world.tenant, world.entries(['b'], NOON + 5_000));
    assert.deepEqual(await world.facts(), ['a', 'b']);
  });
});

describe('a process that dies', () => {
  const batch = range(520);

  for (const when of ['before', 'after'] as const) {
    test(`a process that dies ${when} any of its calls leaves what the next one completes`, async () => {
      for (let call = 0; ; call++) {
        world = createLogWorld(client, `dying-${when}-${call}`);
        const dying = dyingClient(client, call, when);
        const outcome = await append(world.open(dying.client), ...batch).catch(() => 'died');
        await append(world.open(), ...batch);
        assert.deepEqual(await world.facts(), batch, `call ${call}`);
        if (outcome !== 'died') {
          assert.equal(call, 7, 'two looks, the era read and written, three blocks');
          return;
        }
      }
    });
  }

  test('a writer that lives, and only loses the answer of a write, knows that write again', async () => {
    let puts = 0;
    const repeating = {
      send: async (command: Parameters<DynamoDBClient['send']>[0]) => {
        const answer = await client.send(command);
        const isPut = command.constructor.name === 'PutItemCommand';
        // As the client does when an answer does not come: the condition of the second is not met.
        if (isPut) puts += 1;
        return isPut ? client.send(command) : answer;
      },
    } as unknown as DynamoDBClient;
    const answers = await append(world.open(repeating), 'a', 'b');
    assert.equal(puts, 2);
    assert.deepEqual(
      answers.map(({ isNew }) => isNew),
      [true, true],
    );
    assert.deepEqual(await world.facts(), ['a', 'b']);
    assert.deepEqual(world.waits, []);
  });
});

describe('writers at the same time', () => {
  test('writers at the same time append all of their events once, without a gap', async () => {
    await Promise.all(
      range(4).map(async (writer) => {
        const log = world.open();
        for (const batch of range(6))
          await append(log, ...range(3, writer * 100 + batch * 3), `shared ${batch}`);
      }),
    );
    const facts = await world.facts();
    assert.equal(facts.length, 4 * 18 + 6);
    assert.equal(new Set(facts).size, facts.length);
    const numbers = await world.numbers();
    assert.deepEqual(numbers, range(numbers.length, 1));
    for (const writer of range(4)) {
      const own = facts.filter((fact) => typeof fact === 'number' && Math.floor(fact / 100) === writer);
      assert.deepEqual(own, range(18, writer * 100));
    }
  });

  test('writers of one process append all of their events once too', async () => {
    const log = world.open();
    await Promise.all(range(8).map((batch) => append(log, ...range(2, batch * 2))));
    assert.deepEqual(
      (await world.facts()).toSorted((one, other) => Number(one) - Number(other)),
      range(16),
    );
  });

  test('writers look at the end first once they have been refused, and are not refused again', async () => {
    const [one, other] = [world.open(), world.open()];
    await append(one, 1);
    await append(other, 2);
    await append(one, 3);
    disturbed.heal();
    await append(other, 4);
    await append(one, 5);
    const puts = callNames().filter((name) => name === 'PutItem').length;
    assert.ok(puts <= 3, `${puts} writes for two blocks`);
    disturbed.heal();
    await append(other, 6);
    assert.deepEqual(callNames(), ['Query', 'Query', 'PutItem']);
  });

  test('writers that have missed much begin at the end anew', async () => {
    const [busy, idle] = [world.open(), world.open()];
    await append(idle, 'first');
    for (const fact of range(60)) await append(busy, fact);
    world.time.nowEpochMs += 5_000;
    disturbed.heal();
    await append(idle, 'last');
    assert.ok(disturbed.calls.length <= 8, callNames().join(' '));
    assert.deepEqual(await world.facts(), ['first', ...range(60), 'last']);
  });

  test('writers that lose every race give up with an error that passes, after waits that grow', async () => {
    await append(world.open(), 'a');
    const rival = world.open();
    let races = 0;
    const beaten = {
      send: async (command: Parameters<DynamoDBClient['send']>[0]) => {
        if (command.constructor.name === 'PutItemCommand') await append(rival, `rival ${races++}`);
        return client.send(command);
      },
    } as unknown as DynamoDBClient;
    await assert.rejects(append(world.open(beaten), 'b'), (error: ContendedError) => {
      assert.ok(error instanceof ContendedError);
      return error.permanent === false;
    });
    assert.equal(races, 15);
    assert.deepEqual(world.waits.slice(0, 7), [2.5, 5, 10, 20, 40, 80, 80]);
    assert.ok(!(await world.facts()).includes('b'));
  });
});

describe('a log that has expired as a whole', () => {
  test('an expired log goes on with numbers above all that were given, the same for all writers', async () => {
    await append(world.open(), 'a');
    await append(world.open(), 'b');
    world.time.nowEpochMs += 40 * DAY_MS;
    await world.remove(1, 2);
    await Promise.all(range(3).map((writer) => append(world.open(), `new ${writer}`)));
    assert.deepEqual(await world.numbers(), range(3, 2 ** 40 + 1));
    assert.equal((await world.facts()).length, 3);
  });

  test('an era is begun once, though its writer dies before the first block', async () => {
    const dying = dyingClient(client, 3, 'after');
    await assert.rejects(append(world.open(dying.client), 'a'));
    world.time.nowEpochMs += 60_000;
    await append(world.open(), 'a');
    assert.deepEqual(await world.numbers(), [1]);
  });
});

for (const [count, units, spareBytes] of [
  [10, 1, 80],
  [40, 3, 300],
  [100, 6, 50],
] as const) {
  test(`a block of ${count} events of different mails takes ${units} written units`, async (t) => {
    const events = range(count).map((index) => ({ ...aMailEvent(index), tenant: world.tenant }));
    await world.open().append(
      world.tenant,
      events.map((event) => anEntry(event)),
    );
    const [row = {}] = await world.rows();
    const { body, ...others } = row;
    const bytes = itemSize(marshall(others)) + 'body'.length + body.length;
    t.diagnostic(`${bytes} bytes`);
    assert.ok(bytes <= units * 1024 - spareBytes, `${bytes} bytes`);
  });
}
