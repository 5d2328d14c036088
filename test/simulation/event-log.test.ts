import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createEventLog } from '../../shared/event-log/adapters/event-log-table.ts';
import { PARTITION_COUNT } from '../../shared/event-log/event-block.ts';
import type { LogEntry } from '../../shared/event-log/ports.ts';
import { createIds } from '../../shared/runtime/ids.ts';
import { createMemoryTable } from '../support/aws/memory-table.ts';
import { createChance, createVirtualTime } from '../support/base/virtual-time.ts';
import { aMailEvent } from '../support/event-log/log-builders.ts';
import { NOON } from '../support/messages/message-builders.ts';

interface Load {
  readonly writers: number;
  readonly eventsPerSecond: number;
  /** That are measured, after a first one in which the writers learn of each other. */
  readonly seconds: number;
}

/** The middle of what a small conditional write takes, there and back; half of it as much again by chance. */
const [PUT_MS, READ_MS] = [6, 4];

/** Every writer is handed a batch about once a second, as Lambda does with a batching window of one. */
async function run({ writers, eventsPerSecond, seconds }: Load) {
  const chance = createChance(7);
  const { clock, sleep, run: runAll } = createVirtualTime(NOON);
  const table = createMemoryTable();
  const slowestMs: number[] = [];
  let [events, mails] = [0, 0];

  const disturb = async (name: string, work: () => Promise<unknown>) => {
    const wayMs = ((name === 'PutItemCommand' ? PUT_MS : READ_MS) * (0.75 + chance() / 2)) / 2;
    await sleep(wayMs);
    const answer = work();
    answer.catch(() => {});
    await sleep(wayMs);
    return answer;
  };
  const batchOf = (size: number): readonly LogEntry[] => {
    const recordedAtEpochMs = Math.floor((clock.nowEpochMs() - 500) / 1_000) * 1_000;
    return Array.from({ length: size }, () => ({ event: aMailEvent(mails++), recordedAtEpochMs }));
  };
  const write = async () => {
    const client = table.client(disturb);
    const log = createEventLog({
      client,
      tableName: 'events',
      clock,
      ids: createIds(clock),
      sleep,
      jitter: chance,
    });
    await sleep(chance() * 1_000);
    for (let second = 0; second <= seconds; second++) {
      const startedAt = clock.nowEpochMs();
      const batch = batchOf(eventsPerSecond / writers);
      events += batch.length;
      const answers = await log.append('default', batch);
      assert.ok(answers.every(({ isNew }) => isNew));
      slowestMs.push(clock.nowEpochMs() - startedAt);
      await sleep(Math.max(0, startedAt + 900 + chance() * 200 - clock.nowEpochMs()));
    }
  };

  const settle = async () => {
    await sleep(1_000);
    table.forgetUsage();
    events = 0;
  };
  await runAll(Promise.all([settle(), ...Array.from({ length: writers }, write)]));
  const { usage } = table;
  return {
    events,
    slowestMs: Math.max(...slowestMs),
    blocks: usage.puts - usage.refused,
    refusedShare: usage.refused / usage.puts,
    unitsPerEvent: usage.writeUnits / events,
    unitsPerSecondAndPartition: usage.writeUnits / seconds / PARTITION_COUNT,
    readsPerEvent: usage.readUnits / events,
    usdPerMillion: 0.625 * (usage.writeUnits / events) + 0.125 * (usage.readUnits / events),
  };
}

describe('a log of one tenant under load', () => {
  for (const [title, load, most] of [
    ['5,000 events a second from 25 writers', { writers: 25, eventsPerSecond: 5_000, seconds: 6 }, 0.1],
    ['500 events a second from 5 writers', { writers: 5, eventsPerSecond: 500, seconds: 10 }, 0.06],
    ['100 events a second from one writer', { writers: 1, eventsPerSecond: 100, seconds: 20 }, 0.05],
    ['10 events a second from one writer', { writers: 1, eventsPerSecond: 10, seconds: 50 }, 0.08],
  ] as const) {
    test(`a log of ${title} costs at most $${most} per million, and no partition is hot`, {
      timeout: 120_000,
    }, async (t) => {
      const seen = await run(load);
      t.diagnostic(JSON.stringify(seen));
      assert.ok(seen.usdPerMillion <= most, `$${seen.usdPerMillion}`);
      assert.ok(seen.unitsPerSecondAndPartition <= 300);
      assert.ok(seen.slowestMs <= 1_000);
    });
  }
});
