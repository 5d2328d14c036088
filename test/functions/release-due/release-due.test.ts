import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createReleaseDue } from '../../../functions/release-due/release-due.ts';
import type { FetchJob, SendJob } from '../../../shared/messages/contract/queue-body.ts';
import type { DueRow } from '../../../shared/scheduling/contract/due-rows.ts';
import type { ReleaseJob } from '../../../shared/scheduling/contract/release-job.ts';
import type { WebhookJob } from '../../../shared/webhooks/contract/webhook-job.ts';
import { anId, NOON } from '../../support/messages/message-builders.ts';
import { aWebhookJob } from '../../support/webhooks/webhook-world.ts';

const MINUTE = '2026-11-23T12:00';
const PAGE_SIZE = 10;

const aJob = (overrides: Partial<ReleaseJob> = {}): ReleaseJob => ({
  ...{ version: 1, minute: MINUTE, shard: 7, waits: 0 },
  ...overrides,
});

function aRow(tail: number, dueEpochMs: number): DueRow {
  const messageId = anId(NOON - 3_600_000, tail);
  const content = { kind: 'table' } as const;
  const job: SendJob = {
    version: 2,
    messageId,
    tenant: 'default',
    stream: 'transactional',
    recipientDomains: ['example.net'],
    waits: 0,
    content,
  };
  return { dueEpochMs, work: { queue: 'send', job } };
}

/** Pages of ten rows; queues remember, and refuse as often as they are told to. */
function aWorld(rows: readonly DueRow[], nowEpochMs = NOON - 30_000) {
  const world = {
    sent: [] as { messageId: string; delaySeconds: number | undefined }[],
    fetched: [] as FetchJob[],
    called: [] as { job: WebhookJob; delaySeconds: number | undefined }[],
    copies: [] as { job: ReleaseJob; delaySeconds: number | undefined }[],
    counted: [] as string[],
    refusals: 0,
    isTableDown: false,
    remainingMs: 60_000,
  };
  const releaseDue = createReleaseDue({
    dueRows: {
      async page(minute, shard, after) {
        assert.deepEqual([minute, shard], [MINUTE, 7]);
        if (world.isTableDown) throw new TypeError('down');
        const start = Number(after ?? 0);
        const next = start + PAGE_SIZE;
        const lastItem = next < rows.length ? { lastItem: String(next) } : {};
        return { rows: rows.slice(start, next), unreadable: 0, ...lastItem };
      },
    },
    sendQueue: {
      async enqueueAll(jobs, delayOf) {
        const refused = world.refusals > 0 ? jobs.slice(0, 1) : [];
        world.refusals -= 1;
        const taken = jobs.filter((job) => !refused.includes(job));
        world.sent.push(...taken.map((job) => ({ messageId: job.messageId, delaySeconds: delayOf?.(job) })));
        return refused.map((job) => ({ job, error: new Error('The queue is busy.') }));
      },
    },
    fetchQueue: {
      async enqueueAll(jobs) {
        world.fetched.push(...jobs);
        return [];
      },
    },
    webhookQueue: {
      async enqueueAll(jobs, delayOf) {
        world.called.push(...jobs.map((job) => ({ job, delaySeconds: delayOf?.(job) })));
        return [];
      },
    },
    releaseQueue: { enqueue: async (job, delaySeconds) => void world.copies.push({ job, delaySeconds }) },
    isOutage: (error) => error instanceof TypeError,
    clock: { nowEpochMs: () => nowEpochMs },
    log: { error: (event) => void world.counted.push(event), count: () => undefined },
  });
  const run = (job = aJob()) => releaseDue(job, { remainingMs: () => world.remainingMs });
  return { world, run };
}

describe('release-due', () => {
  test('queues every row of its shard, page after page, each with the delay that is left', async () => {
    const rows = Array.from({ length: 25 }, (_, tail) => aRow(tail, NOON + tail * 100));
    const { world, run } = aWorld(rows);
    await run();
    assert.deepEqual(
      world.sent.map(({ delaySeconds }) => delaySeconds),
      rows.map(({ dueEpochMs }) => Math.ceil((dueEpochMs - NOON + 30_000) / 1000)),
    );
    assert.equal(new Set(world.sent.map(({ messageId }) => messageId)).size, 25);
    assert.deepEqual(world.copies, []);
  });

  test('each job is never early and less than a second late, as far as whole seconds go', async () => {
    for (const offset of [0, 1, 499, 999]) {
      const { world, run } = aWorld([aRow(1, NOON + offset)]);
      await run();
      const arrivesAt = NOON - 30_000 + (world.sent[0]?.delaySeconds ?? 0) * 1000;
      assert.ok(arrivesAt >= NOON + offset && arrivesAt < NOON + offset + 1000);
    }
  });

  test('queues overdue mail at once', async () => {
    const { world, run } = aWorld([aRow(1, NOON)], NOON + 3_600_000);
    await run();
    assert.equal(world.sent[0]?.delaySeconds, 0);
  });

  test('files are fetched ahead of the time', async () => {
    const row = aRow(1, NOON);
    const fetchJob: FetchJob = { version: 2, job: row.work.job as SendJob, attachments: [] };
    const { world, run } = aWorld([{ ...row, work: { queue: 'fetch', job: fetchJob } }]);
    await run();
    assert.deepEqual([world.sent, world.fetched], [[], [fetchJob]]);
  });

  test('queues an event for its webhook, to arrive at its time', async () => {
    const job = aWebhookJob({ queue: 'slow', attempts: 3 });
    const { world, run } = aWorld([
      aRow(1, NOON),
      { dueEpochMs: NOON + 500, work: { queue: 'webhook', job } },
    ]);
    await run();
    assert.deepEqual(world.called, [{ job, delaySeconds: 31 }]);
    assert.equal(world.sent.length, 1);
  });

  test('asks a busy queue again for what it did not take, and only for that', async () => {
    const { world, run } = aWorld([aRow(1, NOON), aRow(2, NOON)]);
    world.refusals = 2;
    await run();
    assert.deepEqual(world.sent.map(({ messageId }) => messageId).sort(), [
      anId(NOON - 3_600_000, 1),
      anId(NOON - 3_600_000, 2),
    ]);
  });

  test('fails where a queue takes nothing, so that the record comes back', async () => {
    const { world, run } = aWorld([aRow(1, NOON)]);
    world.refusals = 3;
    await assert.rejects(run(), { name: 'DueRowsNotQueuedError' });
  });

  test('waits as a copy of its record while the table is down', async () => {
    const { world, run } = aWorld([aRow(1, NOON)]);
    world.isTableDown = true;
    await run(aJob({ waits: 1 }));
    assert.deepEqual(world.copies, [{ job: aJob({ waits: 2 }), delaySeconds: 10 }]);
  });

  test('leaves the rest of a large shard to a copy that goes on where it stopped', async () => {
    const rows = Array.from({ length: 25 }, (_, tail) => aRow(tail, NOON));
    const { world, run } = aWorld(rows);
    world.remainingMs = 5_000;
    await run(aJob({ after: '10' }));
    assert.deepEqual(world.copies, [{ job: aJob({ after: '10' }), delaySeconds: undefined }]);
    world.remainingMs = 60_000;
    await run(world.copies[0]?.job);
    assert.equal(world.sent.length, 15);
  });

  test('queues the same jobs again when it is run again', async () => {
    const { world, run } = aWorld([aRow(1, NOON)]);
    await run();
    await run();
    assert.deepEqual(world.sent[0], world.sent[1]);
  });
});
