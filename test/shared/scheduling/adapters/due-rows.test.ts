import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { SendJob } from '../../../../shared/messages/contract/queue-body.ts';
import { createDueMinutes } from '../../../../shared/scheduling/adapters/due-minutes.ts';
import { createDueRowReader } from '../../../../shared/scheduling/adapters/due-rows-reader.ts';
import { createDueRows } from '../../../../shared/scheduling/adapters/due-rows-table.ts';
import type { DueEntry, DueRow, DueRows } from '../../../../shared/scheduling/contract/due-rows.ts';
import { DUE_SHARD_COUNT } from '../../../../shared/scheduling/due-row.ts';
import type { WebhookJob } from '../../../../shared/webhooks/contract/webhook-job.ts';
import { startDynalite } from '../../../support/aws/dynalite.ts';
import { anId, NOON } from '../../../support/messages/message-builders.ts';
import { anEvent, aWebhookJob } from '../../../support/webhooks/webhook-world.ts';

const MINUTE = '2026-11-23T12:00';

function aRow(tail: number, dueEpochMs = NOON): DueRow {
  const job: SendJob = {
    ...{ version: 2, messageId: anId(NOON - 3_600_000, tail), tenant: 'default', stream: 'transactional' },
    ...{ waits: 0, scheduledAtEpochMs: dueEpochMs, recipientDomains: ['example.org'] },
    content: { kind: 'table' },
  };
  return { dueEpochMs, work: { queue: 'send', job } };
}

describe('due rows', () => {
  let client: DynamoDBClient;
  let stop: () => Promise<void>;

  before(async () => {
    ({ client, stop } = await startDynalite());
  });
  after(() => stop());

  /** A process of its own, and the operations that it made on the catalog. */
  function aProcess() {
    const calls: string[] = [];
    const counting = {
      send: (command: { constructor: { name: string } }) => {
        calls.push(command.constructor.name);
        return client.send(command as never);
      },
    } as unknown as DynamoDBClient;
    const minutes = createDueMinutes(counting, 'catalog');
    const rows = {
      ...createDueRows({ client, tableName: 'messages', minutes }),
      ...createDueRowReader({ client, tableName: 'messages' }),
    };
    return { calls, rows, minutes: createDueMinutes(client, 'catalog') };
  }

  async function listed(rows: DueRows, shard: number, from = 0): Promise<DueEntry[]> {
    const entries: DueEntry[] = [];
    for await (const entry of rows.list(MINUTE, shard, from)) entries.push(entry);
    return entries;
  }

  test('minute and shard find them again, in order of time, with the job that waits', async () => {
    const { rows, minutes } = aProcess();
    const [late, early, other] = [aRow(64, NOON + 59_999), aRow(0, NOON), aRow(1, NOON + 500)];
    await rows.put([late, early, other]);

    assert.deepEqual(await minutes.list(MINUTE, MINUTE), [{ minute: MINUTE, shards: [0, 1] }]);
    assert.deepEqual(await rows.page(MINUTE, 0), { rows: [early, late], unreadable: 0 });
    assert.deepEqual((await rows.page(MINUTE, 1)).rows, [other]);
    assert.deepEqual((await rows.page(MINUTE, 2)).rows, []);
    assert.equal(await rows.has(NOON, anId(NOON - 3_600_000, 0)), true);
    assert.equal(await rows.has(NOON + 1, anId(NOON - 3_600_000, 0)), false);
    assert.deepEqual(
      (await listed(rows, 0)).map(({ dueEpochMs }) => dueEpochMs),
      [NOON, NOON + 59_999],
    );
    assert.deepEqual((await listed(rows, 0, NOON + 1)).length, 1);
    assert.deepEqual((await listed(rows, 0, NOON + 59_999)).length, 1);
  });

  test('a second put leaves them the same', async () => {
    const { rows } = aProcess();
    await rows.put([aRow(2), aRow(2)]);
    await rows.put([aRow(2)]);
    assert.equal((await rows.page(MINUTE, 2)).rows.length, 1);
  });

  test('a removal, and a second one, leaves none', async () => {
    const { rows } = aProcess();
    const row = aRow(900);
    await rows.put([row]);
    const { messageId } = row.work.job as SendJob;
    await rows.remove(NOON, messageId);
    await rows.remove(NOON, messageId);
    assert.equal(await rows.has(NOON, messageId), false);
  });

  test('due rows carry files to be fetched with their job', async () => {
    const { rows } = aProcess();
    const row = aRow(3);
    const attachments = [
      {
        ...{ attachmentId: 'a', filename: 'a.pdf', contentType: 'application/pdf', objectKey: 'fetched/a' },
        url: 'https://files.example/a.pdf',
      },
    ];
    const job = row.work.job as SendJob;
    const fetching: DueRow = { ...row, work: { queue: 'fetch', job: { version: 2, job, attachments } } };
    await rows.put([fetching]);
    assert.deepEqual((await rows.page(MINUTE, 3)).rows, [fetching]);
  });

  test('due rows hold one job for each event and webhook, which the sweep does not see', async () => {
    const { rows } = aProcess();
    const events = [anEvent({ fact: 'one' }), anEvent({ fact: 'other' })];
    const jobs = events.flatMap((event) => [
      aWebhookJob({ event, webhookId: anId(NOON, 1) }),
      aWebhookJob({ event, webhookId: anId(NOON, 2) }),
    ]);
    const dueEpochMs = NOON + 20 * 60_000;
    await rows.put(jobs.map((job) => ({ dueEpochMs, work: { queue: 'webhook', job } })));

    const shards = Array.from({ length: DUE_SHARD_COUNT }, (_, shard) => shard);
    const pages = await Promise.all(shards.map((shard) => rows.page('2026-11-23T12:20', shard)));
    const found = pages.flatMap((page) => page.rows.map(({ work }) => work.job as WebhookJob));
    const keyOf = ({ webhookId, event }: WebhookJob) => `${webhookId} ${event.id}`;
    assert.deepEqual(found.map(keyOf).sort(), jobs.map(keyOf).sort());
    assert.equal(pages.filter((page) => page.rows.length > 0).length, 2);
    for (const shard of shards)
      for await (const entry of rows.list('2026-11-23T12:20', shard, 0)) assert.fail(entry.messageId);
  });

  test('rows that no known version has written stop no others', async () => {
    const { rows } = aProcess();
    await rows.put([aRow(4)]);
    const strange = {
      bucket: `due#${MINUTE}#04`,
      item: '000000000000001#strange',
      dueEpochMs: 1,
      work: 'later',
    };
    await client.send(new PutItemCommand({ TableName: 'messages', Item: marshall(strange) }));
    const { rows: found, unreadable } = await rows.page(MINUTE, 4);
    assert.deepEqual([found.length, unreadable], [1, 1]);
    assert.equal((await listed(rows, 4)).length, 1);
  });

  describe('mark their minute', () => {
    const inMinute = (minutesAhead: number) => (tail: number) => aRow(tail, NOON + minutesAhead * 60_000);

    test('each process marks a minute once, and remembers it', async () => {
      const [first, second] = [aProcess(), aProcess()];
      const row = inMinute(10);
      await first.rows.put([row(0)]);
      await first.rows.put([row(0), row(64)]);
      assert.deepEqual(first.calls, ['GetItemCommand', 'UpdateItemCommand']);
      await second.rows.put([row(128)]);
      assert.deepEqual(second.calls, ['GetItemCommand']);
    });

    test('a minute is marked with the shards in use while they are few, and then with all of them', async () => {
      const { calls, rows, minutes } = aProcess();
      const row = inMinute(11);
      const shards = async () => (await minutes.list('2026-11-23T12:11', '2026-11-23T12:11'))[0]?.shards;
      await rows.put([row(0), row(9)]);
      assert.deepEqual(await shards(), [0, 9]);
      await rows.put([row(5)]);
      assert.deepEqual(await shards(), [0, 5, 9]);
      await rows.put([row(6), row(7)]);
      assert.equal((await shards())?.length, DUE_SHARD_COUNT);
      await rows.put(Array.from({ length: DUE_SHARD_COUNT }, (_, tail) => row(tail)));
      assert.equal(calls.filter((call) => call === 'UpdateItemCommand').length, 3);
    });

    test('no process writes a busy minute more than a few times', async () => {
      const row = inMinute(12);
      const processes = [aProcess(), aProcess(), aProcess()];
      for (let tail = 0; tail < 40; tail += 1) {
        for (const { rows } of processes) await rows.put([row(tail)]);
      }
      for (const { calls } of processes) {
        assert.ok(calls.filter((call) => call === 'UpdateItemCommand').length <= 5, calls.join());
      }
    });

    test('the mark stands before the rows are written', async () => {
      const failing = { mark: () => Promise.reject(new Error('throttled')) };
      const { rows } = aProcess();
      const failed = createDueRows({ client, tableName: 'messages', minutes: failing });
      await assert.rejects(failed.put([inMinute(13)(0)]), /throttled/);
      assert.deepEqual((await rows.page('2026-11-23T12:13', 0)).rows, []);
    });

    test('a forgotten minute is listed no more, and the next one stays', async () => {
      const { rows, minutes } = aProcess();
      await rows.put([inMinute(14)(0), inMinute(15)(0)]);
      await minutes.forget('2026-11-23T12:14');
      const left = await minutes.list('2026-11-23T12:14', '2026-11-23T12:15');
      assert.deepEqual(
        left.map(({ minute }) => minute),
        ['2026-11-23T12:15'],
      );
      assert.deepEqual(await minutes.list('2026-11-23T12:15', '2026-11-23T12:14'), []);
    });
  });
});
