import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createSweep } from '../../../../functions/sweep/messages/sweep.ts';
import { createMessagesTable } from '../../../../shared/messages/adapters/messages-table.ts';
import { createSweepCursors } from '../../../../shared/messages/adapters/sweep-cursors-table.ts';
import type { SendJob } from '../../../../shared/messages/contract/queue-body.ts';
import type { Messages } from '../../../../shared/messages/ports.ts';
import { createDueMinutes } from '../../../../shared/scheduling/adapters/due-minutes.ts';
import { createDueRowReader } from '../../../../shared/scheduling/adapters/due-rows-reader.ts';
import { createDueRows } from '../../../../shared/scheduling/adapters/due-rows-table.ts';
import { startDynalite } from '../../../support/aws/dynalite.ts';
import { aMessage, anId, NOON } from '../../../support/messages/message-builders.ts';
import { emptyContent } from '../../../support/messages/sweep-world.ts';

const DAY_MS = 86_400_000;

describe('sweep over the real tables', () => {
  let client: DynamoDBClient;
  let stop: () => Promise<void>;
  let messages: Messages;

  before(async () => {
    ({ client, stop } = await startDynalite());
    messages = createMessagesTable({ client, tableName: 'messages', catalogTableName: 'catalog' });
  });
  after(() => stop());

  test('queues each message once, over midnight, and ends what never moves after two days', async () => {
    const midnight = NOON + DAY_MS / 2;
    const ids = [-30_000, -1, 0, 1, 30_000].map((offset, index) => anId(midnight + offset, index));
    for (const messageId of ids) {
      const expiresAtEpochSeconds = NOON / 1000 + 90 * 86_400;
      await messages.putContent(messageId, emptyContent(), expiresAtEpochSeconds);
      await messages.putMessageIfAbsent(aMessage({ messageId, expiresAtEpochSeconds }));
    }
    const queued: SendJob[] = [];
    const dueMinutes = createDueMinutes(client, 'catalog');
    let nowEpochMs = midnight - 60_000;
    const sweep = createSweep({
      messages,
      objects: { get: async () => undefined, sizeOf: async () => undefined },
      sendQueue: {
        async enqueueAll(jobs) {
          queued.push(...jobs);
          return [];
        },
      },
      fetchQueue: { enqueueAll: async () => [] },
      dueMinutes,
      dueRows: {
        ...createDueRows({ client, tableName: 'messages', minutes: dueMinutes }),
        ...createDueRowReader({ client, tableName: 'messages' }),
      },
      releaseQueue: { enqueueAll: async () => [] },
      cursors: createSweepCursors(client, 'catalog'),
      tenants: async () => ['default'],
      clock: { nowEpochMs: () => nowEpochMs },
      log: { warn: () => {}, error: () => {}, count: () => {} },
    });

    for (let minute = 0; minute < 5; minute++) {
      await sweep(() => 55_000);
      nowEpochMs += 60_000;
    }
    assert.deepEqual(
      queued.map(({ messageId }) => messageId),
      ids,
    );

    nowEpochMs = midnight + 3 * DAY_MS;
    await sweep(() => 55_000);
    for (const messageId of ids) {
      const row = await messages.getMessage('default', messageId, { consistent: true });
      assert.equal(row?.statusReason, 'not_sent_in_a_day');
    }
  });
});
