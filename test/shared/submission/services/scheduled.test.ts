import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sendJob } from '../../../../shared/messages/contract/queue-body.ts';
import { dueIdOf } from '../../../../shared/scheduling/contract/due-rows.ts';
import { NOON } from '../../../support/messages/message-builders.ts';
import { aStream, buildStreams } from '../../../support/streams/stream-builders.ts';
import { anAcceptWorld, aSendObject } from '../../../support/submission/accept-world.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_SECONDS = 86_400;

const onlyRow = (world: ReturnType<typeof anAcceptWorld>) => [...world.rows.values()][0];
const keepingNothing = { settings: { streams: buildStreams([aStream({ keepDays: 0 })]) } };

describe('a mail for later', () => {
  test('a mail for later waits as a due row that refers to its content, and in no queue', async () => {
    const world = anAcceptWorld();
    const { status, body } = await world.post(aSendObject({ scheduled_at: 'in 1 hour' }));
    assert.equal(status, 200);
    const { status: rowStatus, scheduledAtEpochMs } = world.rows.get(body.id) ?? {};
    assert.deepEqual([rowStatus, scheduledAtEpochMs], ['scheduled', NOON + HOUR_MS]);
    assert.deepEqual([world.sendJobs, world.dueRows.length, world.contents.size], [[], 1, 1]);
    const [row] = world.dueRows;
    assert.ok(row && row.work.queue === 'send');
    assert.deepEqual([row.dueEpochMs, dueIdOf(row.work)], [NOON + HOUR_MS, body.id]);
    assert.deepEqual(row.work.job.content, { kind: 'table' });
    assert.deepEqual(row.work.job.recipientDomains, ['example.org']);
    assert.deepEqual(sendJob.parse(row.work.job), row.work.job);
  });

  test('a mail for within 15 minutes waits in the queue', async () => {
    const world = anAcceptWorld();
    await world.post(aSendObject({ scheduled_at: new Date(NOON + 15 * MINUTE_MS).toISOString() }));
    await world.post(aSendObject({ scheduled_at: new Date(NOON + 15 * MINUTE_MS + 1).toISOString() }));
    assert.deepEqual([world.delays, world.dueRows.length], [[900], 1]);
    assert.equal(world.sendJobs[0]?.scheduledAtEpochMs, NOON + 15 * MINUTE_MS);
    assert.equal(onlyRow(world)?.status, 'scheduled');
  });

  test('a mail for this moment is sent as if it had no time', async () => {
    const world = anAcceptWorld();
    await world.post(aSendObject({ scheduled_at: new Date(NOON - 30_000).toISOString() }));
    assert.deepEqual([world.delays, onlyRow(world)?.status], [[undefined], 'accepted']);
    assert.equal(onlyRow(world)?.scheduledAtEpochMs, undefined);
  });

  test('a mail for later is kept from its time on', async () => {
    const world = anAcceptWorld();
    await world.post(aSendObject({ scheduled_at: 'in 10 days' }));
    const row = onlyRow(world);
    const due = NOON / 1000 + 10 * DAY_SECONDS;
    assert.equal(row?.expiresAtEpochSeconds, due + 90 * DAY_SECONDS);
    assert.equal(row?.contentKeptUntilEpochSeconds, due + 30 * DAY_SECONDS);
  });

  test('a mail for later has its content stored also where none is kept', async () => {
    for (const scheduled_at of ['in 1 hour', 'in 5 minutes']) {
      const world = anAcceptWorld(keepingNothing);
      await world.post(aSendObject({ scheduled_at }));
      assert.deepEqual([world.contents.size, onlyRow(world)?.contentKeptUntilEpochSeconds], [1, undefined]);
    }
  });

  test('a mail for later has large content and files under a prefix that is kept for longer', async () => {
    const world = anAcceptWorld();
    const html = Array.from({ length: 20_000 }, () => Math.random().toString(36)).join('');
    const attachments = [{ filename: 'a.txt', content: 'aGk=' }];
    const { body } = await world.post(aSendObject({ scheduled_at: 'in 1 hour', html, attachments }));
    const keys = [...world.objects.keys()];
    assert.equal(keys.length, 2);
    for (const key of keys) assert.ok(key.startsWith(`scheduled/${body.id}`), key);
    const work = world.dueRows[0]?.work;
    assert.ok(work?.queue === 'send');
    assert.deepEqual(work.job.content, { kind: 'object', objectKey: `scheduled/${body.id}` });
  });

  test('a mail for later has files fetched when its time comes, not before', async () => {
    const world = anAcceptWorld();
    const attachments = [{ filename: 'a.pdf', path: 'https://files.example/a.pdf' }];
    await world.post(aSendObject({ scheduled_at: 'in 1 hour', attachments }));
    const work = world.dueRows[0]?.work;
    assert.ok(work?.queue === 'fetch');
    assert.equal(work.job.attachments[0]?.url, 'https://files.example/a.pdf');
    assert.deepEqual(world.fetchJobs, []);
  });

  test('a mail for later is a 200 also where its due row could not be written: sweep sees to it', async () => {
    const world = anAcceptWorld();
    world.trouble('putDueRows', 'not-done');
    const { status } = await world.post(aSendObject({ scheduled_at: 'in 1 hour' }));
    assert.deepEqual([status, world.dueRows.length, onlyRow(world)?.status], [200, 0, 'scheduled']);
  });

  test('a mail for later is a 503 where the row could not be written, and leaves no due row', async () => {
    const world = anAcceptWorld();
    world.trouble('putMessageIfAbsent', 'not-done');
    const { status } = await world.post(aSendObject({ scheduled_at: 'in 1 hour' }));
    assert.deepEqual([status, world.dueRows.length, world.rows.size], [503, 0, 0]);
  });

  test('a mail for later has no due row before its batch is committed', async () => {
    const world = anAcceptWorld();
    world.trouble('endBatch', 'not-done', 'not-done');
    const { status } = await world.postBatch([aSendObject({ scheduled_at: 'in 1 hour' })]);
    assert.deepEqual([status, world.dueRows.length], [500, 0]);
  });

  test('a mail for later stands in a batch beside others, each with its own time', async () => {
    const world = anAcceptWorld();
    const { status, body } = await world.postBatch([
      aSendObject(),
      aSendObject({ scheduled_at: 'in 10 minutes' }),
      aSendObject({ scheduled_at: 'tomorrow at 9am' }),
      aSendObject({ scheduled_at: '2026-12-01' }),
    ]);
    assert.equal(status, 200);
    assert.deepEqual(world.delays, [0, 600]);
    assert.deepEqual(
      world.dueRows.map(({ dueEpochMs }) => new Date(dueEpochMs).toISOString()),
      ['2026-11-24T09:00:00.000Z', '2026-12-01T00:00:00.000Z'],
    );
    assert.equal(body.data.length, 4);
  });

  test('a mail with a time that is none is refused, and its batch with it', async () => {
    const world = anAcceptWorld();
    const items = [aSendObject(), aSendObject({ scheduled_at: 'whenever' })];
    assert.equal((await world.postBatch(items)).status, 422);
    assert.ok(world.isEmpty());
    const permissive = await world.postBatch(items, { 'x-batch-validation': 'permissive' });
    assert.equal(permissive.status, 200);
    assert.deepEqual(
      permissive.body.errors.map(({ index }: { index: number }) => index),
      [1],
    );
  });

  test('a mail for later is answered the same when its request is repeated, and stored once', async () => {
    const world = anAcceptWorld();
    const [headers, mail] = [{ 'idempotency-key': 'one' }, aSendObject({ scheduled_at: 'in 1 hour' })];
    const first = await world.post(mail, headers);
    world.time.nowEpochMs += HOUR_MS;
    assert.deepEqual(await world.post(mail, headers), first);
    assert.deepEqual([world.rows.size, world.dueRows.length], [1, 1]);
  });
});
