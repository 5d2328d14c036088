import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DynamoDBRecord } from 'aws-lambda';
import { createPublishEvents } from '../../functions/publish-events/publish-events.ts';
import { wireSources } from '../../functions/publish-events/wire-sources.ts';
import { ContendedError } from '../../shared/base/change.ts';
import { createEventLogReader } from '../../shared/event-log/adapters/event-log-reader.ts';
import { createEventLog } from '../../shared/event-log/adapters/event-log-table.ts';
import type { Message } from '../../shared/messages/message.ts';
import { createChangeReader } from '../../shared/outbox/adapters/table-changes.ts';
import { createIds } from '../../shared/runtime/ids.ts';
import { createMemoryTable } from '../support/aws/memory-table.ts';
import { createChanceOrder } from '../support/base/chance-order.ts';
import { createChance } from '../support/base/virtual-time.ts';
import { readAll } from '../support/event-log/log-history.ts';
import { buildAccepted, buildFact, buildMessage, MESSAGE_ID } from '../support/messages/delivery-builders.ts';
import { NOON } from '../support/messages/message-builders.ts';
import { createPublishWorld } from '../support/outbox/publish-world.ts';
import { factRecord, rowRecord, TABLES } from '../support/outbox/stream-records.ts';
import { buildStreams } from '../support/streams/stream-builders.ts';
import { aWebhook } from '../support/webhooks/webhook-builders.ts';

const [HISTORIES, SHARDS, MAILS] = [40, 3, 6];
const WEBHOOK = aWebhook({ events: ['email.sent', 'email.delivered', 'email.opened'] });

class Crash extends Error {}

/** A mail is sent, delivered and opened twice, each stored some time after the one before. */
function recordsOf(mail: number, shard: number): { message: Message; records: readonly DynamoDBRecord[] } {
  const messageId = MESSAGE_ID.replace(/.{3}$/, `${shard}${String(mail).padStart(2, '0')}`);
  const message = buildMessage({ messageId });
  const at = NOON + mail * 400;
  const opened = (seconds: number) => {
    const occurredAt = new Date(at + seconds * 1_000).toISOString();
    return buildFact({ messageId, kind: 'opened', occurredAt, discriminator: occurredAt });
  };
  return {
    message,
    records: [
      rowRecord(buildAccepted({ messageId, status: 'sending', attempt: 1 }), message, at),
      factRecord(buildFact({ messageId }), at + 300),
      factRecord(opened(1), at + 1_200),
      factRecord(opened(2), at + 2_200),
    ],
  };
}

/** What one history of `publish-events` leaves: its processes die at any await, and batches come again, cut otherwise. */
async function runHistory(seed: number) {
  const chance = createChance(seed);
  const upTo = (limit: number) => Math.floor(chance() * limit);
  const now = { epochMs: NOON };
  const clock = { nowEpochMs: () => now.epochMs };
  const order = createChanceOrder(chance, () => {
    now.epochMs += upTo(40);
  });
  const table = createMemoryTable();
  const mails = Array.from({ length: SHARDS }, (_, shard) =>
    Array.from({ length: MAILS }, (__, mail) => recordsOf(mail, shard)),
  );
  const rows = new Map(mails.flat().map(({ message }) => [message.messageId, message]));
  const expected = createPublishWorld([...rows.values()]);
  const firsts = new Map<string, string>();
  const queued: string[] = [];
  const crashes = { count: 0 };

  /** Done before or after the process dies, or while it lives. */
  const reach = async <T>(work: () => T | Promise<T>): Promise<T> => {
    const wait = async () => {
      await order.turn();
      if (chance() < 0.03) throw new Crash();
    };
    await wait();
    const result = await work();
    await wait();
    return result;
  };

  const startProcess = () => {
    const { all: sources } = wireSources({
      ...TABLES,
      messages: { getMessage: (_tenant, messageId) => reach(() => rows.get(messageId)) },
      suppressions: expected.suppressions,
      streams: buildStreams(),
      firstVisits: {
        claim: (tenant, messageId, type, eventId) =>
          reach(() => {
            const key = `${tenant} ${messageId} ${type}`;
            if (!firsts.has(key)) firsts.set(key, eventId);
            return firsts.get(key) === eventId;
          }),
      },
      place: { region: 'us-east-1', zoneOf: (name) => name },
      log: { warn: () => undefined, count: () => undefined },
    });
    const publish = createPublishEvents({
      streams: buildStreams(),
      eventLog: createEventLog({
        client: table.client((_name, work) => reach(work)),
        ...{ tableName: 'events', clock, ids: createIds(clock), jitter: chance },
        sleep: () => order.turn(),
      }),
      webhooks: { list: () => reach(() => [WEBHOOK]) },
      webhookQueue: {
        enqueueAll: (jobs) =>
          reach(() => {
            const taken = chance() < 0.1 ? jobs.slice(0, upTo(jobs.length)) : jobs;
            queued.push(...taken.map(({ event }) => event.id));
            return jobs.slice(taken.length).map((job) => ({ job, error: new Error('not taken') }));
          }),
      },
      bus: { publish: async () => undefined },
    });
    const readChange = createChangeReader(sources);
    return (records: readonly DynamoDBRecord[]) => publish(records.map(readChange));
  };

  const consume = async (records: readonly DynamoDBRecord[]) => {
    let publish = startProcess();
    for (let done = 0; done < records.length; ) {
      const batch = records.slice(done, done + 1 + upTo(8));
      const isDone = await publish(batch).then(
        () => true,
        (error: unknown) => {
          const passes = error instanceof ContendedError || String(error).includes('not queued');
          assert.ok(error instanceof Crash || passes, String(error));
          if (error instanceof Crash) publish = startProcess();
          crashes.count += 1;
          return false;
        },
      );
      if (isDone) done += batch.length;
    }
  };
  const shards = mails.map((own) => own.flatMap(({ records }) => records));
  await order.run(shards.map(consume));

  await expected.receive(...shards.flat());
  const logged = await readAll(
    createEventLogReader({ client: table.client(), tableName: 'events', clock }),
    5,
  );
  return { logged, queued, expected: expected.events.map(({ id }) => id), crashes: crashes.count };
}

describe('publish-events', () => {
  test('logs each fact once and hands it over at least once, wherever its processes die', async (t) => {
    const first = Number(process.env.PUBLISH_SEED ?? Date.now() % 1_000_000);
    let crashes = 0;
    t.diagnostic(`seeds from ${first}; PUBLISH_SEED repeats them`);
    for (let seed = first; seed < first + HISTORIES; seed += 1) {
      const history = await runHistory(seed);
      const ids = history.logged.map(({ id }) => id);
      assert.deepEqual(ids.toSorted(), history.expected.toSorted(), `seed ${seed}`);
      assert.deepEqual([...new Set(history.queued)].sort(), history.expected.toSorted(), `seed ${seed}`);
      crashes += history.crashes;
    }
    t.diagnostic(`${crashes} batches came again`);
    assert.ok(crashes > HISTORIES);
  });
});
