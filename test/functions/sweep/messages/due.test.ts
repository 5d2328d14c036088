import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { jobOf } from '../../../../shared/messages/contract/send-work.ts';
import type { Message } from '../../../../shared/messages/message.ts';
import { releaseJob } from '../../../../shared/scheduling/contract/release-job.ts';
import { aMessage, anId, NOON } from '../../../support/messages/message-builders.ts';
import { createSweepWorld, emptyContent, type SweepWorld } from '../../../support/messages/sweep-world.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Accepted at noon, for an hour later unless said otherwise. */
function aScheduled(overrides: Partial<Message> = {}): Message {
  return aMessage({ status: 'scheduled', scheduledAtEpochMs: NOON + HOUR_MS, ...overrides });
}

function put(world: SweepWorld, message: Message): Message {
  world.rows.set(message.messageId, message);
  world.contents.set(message.messageId, emptyContent());
  return message;
}

function putDueRow(world: SweepWorld, message: Message): void {
  const dueEpochMs = message.scheduledAtEpochMs ?? 0;
  const job = jobOf(message, { kind: 'table' });
  world.dueRows.set(`${dueEpochMs}#${message.messageId}`, { dueEpochMs, work: { queue: 'send', job } });
}

async function runAt(world: SweepWorld, epochMs: number): Promise<void> {
  world.nowEpochMs = epochMs;
  await world.run();
}

describe('the sweep and minutes that are due', () => {
  test('releases a minute once, shard by shard, more than a minute ahead', async () => {
    const world = createSweepWorld(NOON);
    for (const tail of [0, 64, 3]) putDueRow(world, put(world, aScheduled({ messageId: anId(NOON, tail) })));
    for (let minute = 30; minute <= 65; minute += 1) {
      const before = world.released.length;
      await runAt(world, NOON + minute * MINUTE_MS + 40 * SECOND_MS);
      if (world.released.length > before) assert.equal(minute, 58);
    }
    assert.deepEqual(world.released, [
      { version: 1, minute: '2026-11-23T13:00', shard: 0, waits: 0 },
      { version: 1, minute: '2026-11-23T13:00', shard: 3, waits: 0 },
    ]);
    for (const job of world.released) assert.doesNotThrow(() => releaseJob.parse(job));
  });

  test('releases every minute at least a minute before it begins, at any second the sweep runs', async () => {
    for (let second = 0; second < 60; second += 7) {
      const world = createSweepWorld(NOON);
      putDueRow(world, put(world, aScheduled()));
      for (
        let now = NOON + 50 * MINUTE_MS + second * SECOND_MS;
        world.released.length === 0;
        now += MINUTE_MS
      ) {
        await runAt(world, now);
      }
      assert.ok(world.nowEpochMs <= NOON + HOUR_MS - MINUTE_MS, `${second}`);
    }
  });

  test('leaves out no minute after an outage, however long', async () => {
    const world = createSweepWorld(NOON);
    await runAt(world, NOON);
    for (let minute = 16; minute < 200; minute += 30) {
      const scheduledAtEpochMs = NOON + minute * MINUTE_MS;
      putDueRow(world, put(world, aScheduled({ messageId: anId(NOON, minute), scheduledAtEpochMs })));
    }
    await runAt(world, NOON + 5 * HOUR_MS);
    assert.equal(world.released.length, 7);
  });

  test('keeps a minute whose jobs the queue did not take for the next run', async () => {
    const world = createSweepWorld(NOON);
    putDueRow(world, put(world, aScheduled()));
    putDueRow(
      world,
      put(world, aScheduled({ messageId: anId(NOON, 1), scheduledAtEpochMs: NOON + HOUR_MS + MINUTE_MS })),
    );
    world.refusedByQueues.add('2026-11-23T13:00');
    await runAt(world, NOON + HOUR_MS);
    assert.deepEqual(world.released, []);
    world.refusedByQueues.clear();
    await runAt(world, NOON + HOUR_MS + 1);
    assert.deepEqual(
      world.released.map(({ minute }) => minute),
      ['2026-11-23T13:00', '2026-11-23T13:01'],
    );
  });

  test('forgets a minute once its last check is over', async () => {
    const world = createSweepWorld(NOON);
    const message = aScheduled({ status: 'sent', attempt: 1, sentAtEpochMs: NOON + HOUR_MS });
    putDueRow(world, put(world, message));
    await runAt(world, NOON + HOUR_MS + 2 * DAY_MS);
    assert.equal(world.dueRows.size, 1);
    await runAt(world, NOON + HOUR_MS + 2 * DAY_MS + 15 * MINUTE_MS);
    assert.equal(world.dueRows.size, 0);
  });
});

describe('the sweep and a scheduled message', () => {
  test('a scheduled message that has its due row is left alone until its time', async () => {
    const world = createSweepWorld(NOON);
    putDueRow(world, put(world, aScheduled({ scheduledAtEpochMs: NOON + 10 * DAY_MS })));
    for (let hours = 0; hours < 60; hours += 1) await runAt(world, NOON + hours * HOUR_MS + MINUTE_MS);
    assert.deepEqual(world.sent, []);
    assert.equal(world.dueRows.size, 1);
    assert.equal(world.rows.get(anId())?.status, 'scheduled');
  });

  test('a scheduled message that was stored without a due row gets one within two minutes', async () => {
    const world = createSweepWorld(NOON);
    const message = put(world, aScheduled());
    await runAt(world, NOON + 100 * SECOND_MS);
    assert.deepEqual(
      [...world.dueRows.values()],
      [
        {
          dueEpochMs: NOON + HOUR_MS,
          work: { queue: 'send', job: jobOf(message, { kind: 'table' }) },
        },
      ],
    );
    assert.deepEqual(world.sent, []);
  });

  test('a scheduled message that is due within minutes is queued with the delay that is left', async () => {
    const world = createSweepWorld(NOON);
    put(world, aScheduled({ scheduledAtEpochMs: NOON + 10 * MINUTE_MS }));
    await runAt(world, NOON + 100 * SECOND_MS);
    assert.deepEqual(world.delays, [500]);
    assert.equal(world.sent[0]?.scheduledAtEpochMs, NOON + 10 * MINUTE_MS);
  });

  test('a scheduled message that is due by now and was not queued is queued at once', async () => {
    const world = createSweepWorld(NOON);
    put(world, aScheduled({ scheduledAtEpochMs: NOON + 20 * SECOND_MS }));
    await runAt(world, NOON + 50 * SECOND_MS);
    assert.deepEqual(world.delays, [0]);
  });

  test('a scheduled message of a batch that was never committed is removed, and has no due row', async () => {
    const world = createSweepWorld(NOON);
    put(world, aScheduled({ batchId: 'batch-1' }));
    await runAt(world, NOON + 50 * SECOND_MS);
    assert.deepEqual([world.rows.size, world.dueRows.size], [0, 0]);
    assert.equal(world.batches.get('batch-1'), 'aborted');
  });

  test('a scheduled message whose job was lost is queued half an hour after its time, with no batch record', async () => {
    const world = createSweepWorld(NOON);
    const message = aScheduled({ batchId: 'batch-1', scheduledAtEpochMs: NOON + 10 * DAY_MS });
    putDueRow(world, put(world, message));
    await runAt(world, NOON + 3 * DAY_MS);
    await runAt(world, NOON + 10 * DAY_MS + 29 * MINUTE_MS);
    assert.deepEqual(world.sent, []);
    await runAt(world, NOON + 10 * DAY_MS + 35 * MINUTE_MS);
    assert.deepEqual(
      world.sent.map(({ messageId }) => messageId),
      [message.messageId],
    );
    assert.equal(world.rows.size, 1);
  });

  test('a scheduled message of a batch is not taken for uncommitted after any outage of the sweep', async () => {
    const world = createSweepWorld(NOON);
    const message = aScheduled({ batchId: 'batch-1', scheduledAtEpochMs: NOON + 10 * DAY_MS });
    putDueRow(world, put(world, message));
    await runAt(world, NOON + 10 * DAY_MS + HOUR_MS);
    assert.deepEqual([world.rows.size, world.batches.size], [1, 0]);
    assert.ok(world.sent.length > 0);
  });

  test('a scheduled message that is never sent ends two days after its time', async () => {
    const world = createSweepWorld(NOON);
    putDueRow(world, put(world, aScheduled({ scheduledAtEpochMs: NOON + 10 * DAY_MS })));
    await runAt(world, NOON + 12 * DAY_MS);
    assert.equal(world.rows.get(anId())?.status, 'scheduled');
    await runAt(world, NOON + 12 * DAY_MS + 15 * MINUTE_MS);
    const { status, statusReason } = world.rows.get(anId()) ?? {};
    assert.deepEqual([status, statusReason], ['failed', 'not_sent_in_a_day']);
  });

  test('a scheduled message that is never confirmed says so a day after it was sent', async () => {
    const world = createSweepWorld(NOON);
    const due = NOON + 10 * DAY_MS;
    putDueRow(
      world,
      put(world, aScheduled({ scheduledAtEpochMs: due, status: 'sent', attempt: 1, sentAtEpochMs: due })),
    );
    await runAt(world, due + DAY_MS + 10 * MINUTE_MS);
    assert.deepEqual(
      [...world.facts.values()].map(({ kind }) => kind),
      ['unconfirmed'],
    );
  });

  test('a scheduled message that was canceled is left alone for ever', async () => {
    const world = createSweepWorld(NOON);
    putDueRow(world, put(world, aScheduled({ status: 'canceled' })));
    for (let hours = 0; hours < 60; hours += 1) await runAt(world, NOON + hours * HOUR_MS + MINUTE_MS);
    assert.deepEqual([world.sent, world.rows.get(anId())?.status], [[], 'canceled']);
  });

  test('a scheduled message that was moved is looked at by its new time', async () => {
    const world = createSweepWorld(NOON);
    putDueRow(world, put(world, aScheduled()));
    const moved = put(world, aScheduled({ scheduledAtEpochMs: NOON + 10 * DAY_MS }));
    putDueRow(world, moved);
    for (let hours = 1; hours < 60; hours += 1) await runAt(world, NOON + hours * HOUR_MS + MINUTE_MS);
    assert.deepEqual([world.sent, world.rows.get(anId())?.status], [[], 'scheduled']);
  });

  test('every scheduled message is looked at in the end, also of more than one run can look at', async () => {
    const world = createSweepWorld(NOON);
    for (let tail = 0; tail < 200; tail += 1) {
      putDueRow(
        world,
        put(world, aScheduled({ messageId: anId(NOON, tail), scheduledAtEpochMs: NOON + HOUR_MS + tail })),
      );
    }
    world.nowEpochMs = NOON + 2 * HOUR_MS;
    for (let run = 0; run < 12; run += 1) {
      let looks = 0;
      world.beforeOperation = (name) => {
        if (name === 'getTimeline') looks += 1;
      };
      await world.run(() => (looks > 0 ? 0 : 55_000));
      world.nowEpochMs += 5 * MINUTE_MS;
    }
    assert.equal(new Set(world.sent.map(({ messageId }) => messageId)).size, 200);
  });
});
