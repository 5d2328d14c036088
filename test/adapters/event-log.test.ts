import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createEventLogReader } from '../../shared/adapters/event-log-reader.ts';
import { createEventLog } from '../../shared/adapters/event-log-table.ts';
import type { LogCursor, LogEntry } from '../../shared/domain/event-ports.ts';
import { eventIdOf, type PublishedEvent } from '../../shared/domain/published-event.ts';
import { createIds } from '../../shared/runtime/ids.ts';
import { startDynalite } from '../support/dynalite.ts';
import { anId, NOON } from '../support/message-builders.ts';

const anEntry = (index: number): LogEntry => {
  const messageId = anId(NOON, index);
  const event: PublishedEvent = {
    id: eventIdOf(NOON + index, 'default', messageId),
    type: 'email.sent',
    tenant: 'default',
    createdAt: new Date(NOON + index).toISOString(),
    stream: 'transactional',
    data: {
      email_id: messageId,
      created_at: new Date(NOON).toISOString(),
      ...{
        from: 'a@example.com',
        to: ['b@example.org'],
        subject: 'Hi',
        message_id: '<x@email.amazonses.com>',
      },
    },
  };
  return { event, recordedAtEpochMs: NOON + index * 10 };
};

describe('the event log', () => {
  let client: DynamoDBClient;
  let stop: () => Promise<void>;
  let tenants = 0;
  const clock = { now: NOON, nowEpochMs: () => clock.now };
  before(async () => {
    ({ client, stop } = await startDynalite());
  });
  after(() => stop());
  const writer = () =>
    createEventLog({
      ...{ client, tableName: 'events', clock, ids: createIds(clock) },
      sleep: async () => {},
      jitter: () => 0.5,
    });
  const reader = () => createEventLogReader({ client, tableName: 'events', clock });
  const readAll = async (tenant: string, maxSegments = 3) => {
    const ids: string[] = [];
    let cursor: LogCursor | undefined;
    for (let hasMore = true; hasMore; ) {
      const page = await reader().read(tenant, cursor, { maxSegments });
      ids.push(...page.events.map(({ event }) => event.id));
      cursor = page.next;
      hasMore = page.hasMore;
    }
    return ids;
  };

  test('gives back what was appended, once, whoever appends it again', async () => {
    const tenant = `t${++tenants}`;
    const entries = Array.from({ length: 250 }, (_, index) => anEntry(index));
    const log = writer();
    await log.append(tenant, entries.slice(0, 120));
    const again = await log.append(tenant, entries.slice(60, 200));
    assert.equal(again.filter(({ isNew }) => isNew).length, 80);
    await writer().append(tenant, entries);
    clock.now += 5_000;
    assert.deepEqual((await readAll(tenant)).sort(), entries.map(({ event }) => event.id).sort());
  });

  test('takes many writers at once', async () => {
    const tenant = `t${++tenants}`;
    const entries = Array.from({ length: 400 }, (_, index) => anEntry(index));
    await Promise.all(
      Array.from({ length: 8 }, async (_, each) => {
        const log = writer();
        for (let start = each * 40; start < each * 40 + 80; start += 20) {
          await log.append(tenant, entries.slice(start, start + 20));
        }
      }),
    );
    clock.now += 5_000;
    const ids = await readAll(tenant);
    assert.equal(ids.length, new Set(ids).size);
    assert.equal(ids.length, 360);
    const positions = await writer().append(tenant, entries.slice(0, 360));
    assert.ok(positions.every(({ isNew }) => !isNew));
    for (const { event, position } of positions.slice(0, 20)) {
      assert.equal((await reader().get(tenant, position))?.id, event.id);
    }
  });
});
