import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { PublishedEventType } from '../../../../shared/event-catalog/contract/published-types.ts';
import type { BlockReader, LogBlock } from '../../../../shared/event-log/ports.ts';
import type { PublishedEvent } from '../../../../shared/events/published-event.ts';
import { type Counts, sumOf } from '../../../../shared/metrics/event-counts.ts';
import { type Cell, cellsOf, hourOf } from '../../../../shared/metrics/hour-counters.ts';
import type { MetricCounters } from '../../../../shared/metrics/ports.ts';
import { foldLog } from '../../../../shared/metrics/services/fold-metrics.ts';
import { anEvent, createMemoryEventLog } from '../../../support/event-log/memory-event-log.ts';
import { NOON } from '../../../support/messages/message-builders.ts';
import { createMemoryMetricCounters } from '../../../support/metrics/memory-metric-counters.ts';

const TENANT = 'default';
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const FOREVER = () => true;

/** So late that every event is old enough to be folded. */
const late = { nowEpochMs: () => NOON + 3 * DAY_MS };
const soon = { nowEpochMs: () => NOON + HOUR_MS };

/** By quarter and domain. */
function sums(cells: readonly Cell[]): Record<string, Counts> {
  const found: Record<string, Counts> = {};
  for (const { epochMs, domain, counts } of cells) {
    const key = `${new Date(epochMs).toISOString()} ${domain}`;
    if (Object.keys(counts).length > 0) found[key] = sumOf([found[key] ?? {}, counts]);
  }
  return found;
}

/** What the log has up to a block, counted in the simplest way. */
const expected = (blocks: readonly LogBlock[]) => sums(cellsOf([], blocks));

async function stored(counters: MetricCounters): Promise<Record<string, Counts>> {
  return sums(cellsOf(await counters.range(TENANT, '0', '9'), []));
}

const eventsOfMany = (count: number): PublishedEvent[] => Array.from({ length: count }, () => anEvent());

describe('folding a log', () => {
  const world = () => {
    const log = createMemoryEventLog();
    const counters = createMemoryMetricCounters();
    const fold = (clock = soon, hasTime = FOREVER) =>
      foldLog(TENANT, hasTime, { blocks: log.reader, counters: counters.port, clock });
    return { log, counters, fold };
  };

  test('leaves a few blocks where they are, and says what they are', async () => {
    const { log, counters, fold } = world();
    for (let count = 0; count < 49; count++) log.append([anEvent()]);
    assert.deepEqual(await fold(), { tail: log.blocksOf(), isWhole: true, isBusy: false });
    assert.equal(counters.hours.size, 0);
  });

  test('counts what fifty blocks tell in one read of the log, one of the hour and two writes', async () => {
    const { log, counters, fold } = world();
    for (let count = 0; count < 50; count++) log.append(eventsOfMany(100));
    assert.deepEqual(await fold(), { tail: [], isWhole: true, isBusy: false });
    assert.deepEqual(await stored(counters.port), expected(log.blocksOf()));
    assert.equal(log.reads.length, 1);
    assert.deepEqual(counters.calls.slice(0, 4), ['foldedUpTo', 'get', 'replace', 'advance']);
  });

  test('asks only for what is new where nothing has come', async () => {
    const { log, counters, fold } = world();
    for (let count = 0; count < 50; count++) log.append([anEvent()]);
    await fold();
    counters.calls.length = 0;
    await fold();
    assert.deepEqual(counters.calls, ['foldedUpTo']);
    assert.deepEqual(log.reads.at(-1)?.fromNumber, 51);
  });

  test('counts also a single event once it is a day old: the log forgets', async () => {
    const { log, counters, fold } = world();
    log.append([anEvent()]);
    await fold(late);
    assert.deepEqual(await stored(counters.port), expected(log.blocksOf()));
  });

  test('goes through a backlog page by page, and says that there is much to do', async () => {
    const { log, counters, fold } = world();
    for (let count = 0; count < 450; count++) log.append([anEvent()]);
    assert.deepEqual(await fold(), { tail: [], isWhole: true, isBusy: true });
    assert.deepEqual(
      log.reads.map(({ fromNumber }) => fromNumber),
      [1, 201, 401],
    );
    assert.deepEqual(await stored(counters.port), expected(log.blocksOf()));
  });

  test('stops when its time is over, and says that the log has more', async () => {
    const { log, counters, fold } = world();
    for (let count = 0; count < 450; count++) log.append([anEvent()]);
    let left = 1;
    const { tail, isWhole, isBusy } = await fold(soon, () => left-- > 0);
    assert.deepEqual([tail.length, isWhole, isBusy], [200, false, true]);
    assert.equal(counters.cursors.size, 1);
    assert.deepEqual(await fold(), { tail: [], isWhole: true, isBusy: true });
    assert.deepEqual(await stored(counters.port), expected(log.blocksOf()));
  });

  test('goes on behind blocks that the log does not keep any more', async () => {
    const { log, counters, fold } = world();
    for (let count = 0; count < 80; count++) log.append([anEvent()]);
    log.forgetBefore(20);
    await fold();
    assert.deepEqual(await stored(counters.port), expected(log.blocksOf()));
    assert.equal([...counters.cursors.values()][0], 80);
  });

  test('counts a late event in the hour that it happened in', async () => {
    const { log, counters, fold } = world();
    for (const hoursAgo of [0, 5, 1, 30, 5]) {
      log.append([anEvent({ createdAt: new Date(NOON - hoursAgo * HOUR_MS).toISOString() })]);
    }
    await fold(late);
    const hours = [...counters.hours.values()].map(({ hour, upTo }) => [hour, upTo]);
    assert.deepEqual(hours, [
      [hourOf(NOON), 1],
      [hourOf(NOON - 5 * HOUR_MS), 5],
      [hourOf(NOON - HOUR_MS), 3],
      [hourOf(NOON - 30 * HOUR_MS), 4],
    ]);
  });

  test('counts the events of domains beyond five hundred together', async () => {
    const { log, counters, fold } = world();
    const from = (index: number) => anEvent({ data: { from: `a@d${index % 503}.example` } });
    log.append(Array.from({ length: 600 }, (_, index) => from(index)));
    await fold(late);
    const [hour] = counters.hours.values();
    assert.equal(hour?.domains.size, 501);
    assert.deepEqual(hour?.domains.get(''), { delivered: [3, 0, 0, 0] });
    assert.deepEqual(hour?.domains.get('d96.example'), { delivered: [2, 0, 0, 0] });
  });
});

const TYPES: readonly PublishedEventType[] = [
  'email.sent',
  'email.delivered',
  'email.opened',
  'domain.updated',
];

const someEvent = fc
  .record({
    type: fc.constantFrom(...TYPES),
    minutesAgo: fc.integer({ min: 0, max: 130 }),
    domain: fc.constantFrom('example.com', 'example.org'),
  })
  .map(({ type, minutesAgo, domain }) =>
    anEvent({
      type,
      createdAt: new Date(NOON - minutesAgo * MINUTE_MS).toISOString(),
      data: { from: `a@${domain}` },
    }),
  );
const someBlocks = fc.array(fc.array(someEvent, { minLength: 1, maxLength: 3 }), { maxLength: 6 });

/** What befalls an operation: it dies before it is done, or nobody hears that it was. */
type Fault = 'none' | 'lost' | 'unheard';

class ProcessGone extends Error {}

/** A port whose operations wait for their turn, and meet the next of the faults. */
function disturbed<Port extends object>(port: Port, scheduler: fc.Scheduler, faults: Fault[]): Port {
  const entries = Object.entries(port).map(([name, operation]) => {
    const act = async (...args: unknown[]) => {
      const fault = faults.shift() ?? 'none';
      if (fault === 'lost') throw new ProcessGone();
      const answer = await operation(...args);
      if (fault === 'unheard') throw new ProcessGone();
      return answer;
    };
    return [name, scheduler.scheduleFunction(act)];
  });
  return Object.fromEntries(entries) as Port;
}

const someFaults = fc.array(
  fc.constantFrom<Fault>('none', 'none', 'none', 'none', 'none', 'lost', 'unheard'),
  { maxLength: 40 },
);

describe('counters under folders that run at once and die anywhere', () => {
  const run = fc.record({
    before: someBlocks,
    meanwhile: someBlocks,
    folders: fc.array(someFaults, { minLength: 1, maxLength: 4 }),
    readers: fc.integer({ min: 1, max: 3 }),
    scheduler: fc.scheduler(),
  });

  test('counters hold each event of the log once, and every answer in between is one state of the log', async () => {
    await fc.assert(
      fc.asyncProperty(run, async ({ before, meanwhile, folders, readers, scheduler }) => {
        const log = createMemoryEventLog();
        const counters = createMemoryMetricCounters();
        for (const events of before) log.append(events);

        const folder = async (faults: Fault[]) => {
          const deps = {
            blocks: disturbed(log.reader, scheduler, faults),
            counters: disturbed(counters.port, scheduler, faults),
            clock: late,
          };
          // Who dies is started again, as the minute after would.
          for (let tries = 0; tries < 3; tries++) {
            const isDone = await foldLog(TENANT, FOREVER, deps).then(() => true, isGone);
            if (isDone) return;
          }
        };
        const writer = async () => {
          for (const events of meanwhile) {
            await scheduler.schedule(Promise.resolve());
            log.append(events);
          }
        };
        const reader = async () => {
          const first = log.blocksOf().length;
          const cells = await answer(
            disturbed(log.reader, scheduler, []),
            disturbed(counters.port, scheduler, []),
          );
          assertPrefixes(cells, log.blocksOf(), first);
        };

        const work = [...folders.map((faults) => folder([...faults])), writer()];
        await scheduler.waitFor(Promise.all([...work, ...Array.from({ length: readers }, () => reader())]));

        assert.deepEqual(sums(await answer(log.reader, counters.port)), expected(log.blocksOf()));
        await foldLog(TENANT, FOREVER, { blocks: log.reader, counters: counters.port, clock: late });
        assert.deepEqual(await stored(counters.port), expected(log.blocksOf()));
      }),
      { numRuns: 400 },
    );
  });
});

const isGone = (error: unknown): false => {
  if (error instanceof ProcessGone) return false;
  throw error;
};

/** As a question is answered that folds nothing. */
async function answer(blocks: BlockReader, counters: MetricCounters): Promise<readonly Cell[]> {
  const { tail } = await foldLog(TENANT, () => false, { blocks, counters, clock: late });
  return cellsOf(await counters.range(TENANT, '0', '9'), tail);
}

/** Each hour has what the first blocks tell it, so many of them or more: all that there was when it was asked for. */
function assertPrefixes(cells: readonly Cell[], blocks: readonly LogBlock[], atLeast: number): void {
  const hours = new Set(
    blocks.flatMap(({ events }) => events.map(({ createdAt }) => createdAt.slice(0, 13))),
  );
  for (const hour of hours) {
    const ofHour = (all: readonly Cell[]) => sums(all.filter(({ epochMs }) => hourOf(epochMs) === hour));
    const seen = JSON.stringify(sorted(ofHour(cells)));
    const states = Array.from({ length: blocks.length - atLeast + 1 }, (_, more) =>
      JSON.stringify(sorted(ofHour(cellsOf([], blocks.slice(0, atLeast + more))))),
    );
    assert.ok(states.includes(seen), `${hour}: ${seen} is none of ${states.join(' ')}`);
  }
}

const sorted = (found: Record<string, Counts>) =>
  Object.entries(found)
    .map(([key, counts]) => [key, Object.entries(counts).sort()])
    .sort();
