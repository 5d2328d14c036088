import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createCountEvents } from '../../../functions/sweep/count-events.ts';
import { hourOf } from '../../../shared/metrics/hour-counters.ts';
import { anEvent, createMemoryEventLog } from '../../support/event-log/memory-event-log.ts';
import { NOON } from '../../support/messages/message-builders.ts';
import { createMemoryMetricCounters } from '../../support/metrics/memory-metric-counters.ts';

const MINUTE_MS = 60_000;
/** The minute of the operator's round. */
const START = NOON;

function aWorld(others: readonly string[] = []) {
  const log = createMemoryEventLog();
  const counters = createMemoryMetricCounters();
  const time = { nowEpochMs: START };
  const logged: string[] = [];
  const world = {
    ...{ log, counters, time, logged },
    /** Called before every read of the log. */
    beforeRead: (_tenant: string): void => {},
    run: createCountEvents({
      tenants: async () => ['default', ...others],
      blocks: {
        read: async (tenant, ...rest) => {
          world.beforeRead(tenant);
          return log.reader.read(tenant, ...rest);
        },
      },
      counters: counters.port,
      clock: { nowEpochMs: () => time.nowEpochMs },
      log: { error: (event) => void logged.push(event) },
    }),
    fill(tenant: string, blocks: number) {
      for (let count = 0; count < blocks; count++) log.append([anEvent()], tenant);
    },
    countedOf: (tenant: string): number =>
      counters.hours.get(`${tenant}#${hourOf(NOON)}`)?.domains.get('example.com')?.delivered?.[0] ?? 0,
    lookedAt: () => [...new Set(log.reads.splice(0).map(({ tenant }) => tenant))],
  };
  return world;
}

describe('the count of events', () => {
  test('folds the events of the operator', async () => {
    const world = aWorld();
    world.fill('default', 60);
    await world.run();
    assert.equal(world.countedOf('default'), 60);
  });

  test('looks at every tenant once in a quarter of an hour, and at no more than its share in a minute', async () => {
    const names = Array.from({ length: 44 }, (_, index) => `t${index}`);
    const world = aWorld(names);
    const seen: string[] = [];
    for (let minute = 0; minute < 15; minute++) {
      await world.run();
      const now = world.lookedAt();
      assert.equal(now.length, 3);
      seen.push(...now);
      world.time.nowEpochMs += MINUTE_MS;
    }
    assert.deepEqual(seen.sort(), ['default', ...names].sort());
  });

  test('the count costs one read of the counters and one of the log, where nothing has come', async () => {
    const world = aWorld();
    await world.run();
    assert.deepEqual(world.counters.calls, ['foldedUpTo']);
    assert.equal(world.log.reads.length, 1);
    world.time.nowEpochMs += MINUTE_MS;
    await world.run();
    assert.equal(world.log.reads.length, 1);
  });

  test('looks again in the next minute at a tenant that has had much', async () => {
    const world = aWorld();
    world.fill('default', 210);
    await world.run();
    world.time.nowEpochMs += MINUTE_MS;
    world.lookedAt();
    world.fill('default', 60);
    await world.run();
    assert.deepEqual([world.lookedAt(), world.countedOf('default')], [['default'], 270]);
    world.time.nowEpochMs += MINUTE_MS;
    await world.run();
    assert.deepEqual(world.lookedAt(), []);
  });

  test('the count ends after ten seconds, and goes on in the next minute with the tenants left', async () => {
    const names = Array.from({ length: 30 }, (_, index) => `t${index}`);
    const world = aWorld(names);
    for (const name of ['default', ...names]) world.fill(name, 60);
    world.beforeRead = () => {
      world.time.nowEpochMs += 8_000;
    };
    await world.run();
    assert.deepEqual(world.lookedAt(), ['default', 't14']);
    world.beforeRead = () => {};
    world.time.nowEpochMs = START + MINUTE_MS;
    await world.run();
    assert.deepEqual(world.lookedAt().sort(), ['t13', 't14', 't28', 't29'].sort());
    for (const name of ['default', 't13', 't14', 't28', 't29']) assert.equal(world.countedOf(name), 60, name);
  });

  test('a tenant whose count fails keeps no other from being counted', async () => {
    const world = aWorld(Array.from({ length: 15 }, (_, index) => `t${index}`));
    for (const name of ['default', 't14']) world.fill(name, 60);
    world.beforeRead = (tenant) => {
      if (tenant === 'default') throw new Error('The table is down.');
    };
    await world.run();
    assert.deepEqual(world.logged, ['tenant_not_counted']);
    assert.deepEqual([world.countedOf('default'), world.countedOf('t14')], [0, 60]);
    world.beforeRead = () => {};
    world.time.nowEpochMs += 15 * MINUTE_MS;
    await world.run();
    assert.equal(world.countedOf('default'), 60);
  });

  test('the count of events never fails the sweep', async () => {
    const logged: string[] = [];
    const { reader: blocks } = createMemoryEventLog();
    const { port: counters } = createMemoryMetricCounters();
    await createCountEvents({
      ...{ blocks, counters },
      tenants: () => Promise.reject(new Error('The catalog is down.')),
      clock: { nowEpochMs: () => START },
      log: { error: (event) => void logged.push(event) },
    })();
    assert.deepEqual(logged, ['events_not_counted']);
  });
});
