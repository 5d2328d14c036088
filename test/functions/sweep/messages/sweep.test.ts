import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { encodeContent } from '../../../../shared/messages/contract/message-content.ts';
import { fetchJob, sendJob } from '../../../../shared/messages/contract/queue-body.ts';
import type { Message } from '../../../../shared/messages/message.ts';
import { buildAttachment } from '../../../support/messages/fetch-world.ts';
import { aFact, aMessage, anId, NOON } from '../../../support/messages/message-builders.ts';
import { createSweepWorld, emptyContent, type SweepWorld } from '../../../support/messages/sweep-world.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const aJob = (messageId: string, content: object = { kind: 'table' }) => ({
  version: 2,
  messageId,
  tenant: 'default',
  stream: 'transactional',
  recipientDomains: ['example.org'],
  waits: 0,
  content,
});

/** A world at `ageMs` after noon, with a message accepted at noon. */
function aWorldWith(ageMs: number, overrides: Partial<Message> = {}, hasContent = true) {
  const world = createSweepWorld(NOON + ageMs);
  const message = aMessage(overrides);
  world.rows.set(message.messageId, message);
  if (hasContent) world.contents.set(message.messageId, emptyContent());
  return { world, message, messageId: message.messageId };
}

const rowOf = (world: SweepWorld, messageId: string) => world.rows.get(messageId);

describe('sweep', () => {
  describe('a message that was stored and not queued', () => {
    test('a message that was stored and not queued is queued by reference to the table', async () => {
      const { world, messageId } = aWorldWith(50 * SECOND_MS);
      await world.run();
      assert.deepEqual(world.sent, [aJob(messageId)]);
      assert.doesNotThrow(() => sendJob.parse(world.sent[0]));
    });

    test('a large message that was not queued is queued by reference to the bucket', async () => {
      const { world, messageId } = aWorldWith(50 * SECOND_MS, {}, false);
      world.objects.set(`content/${messageId}`, encodeContent(emptyContent()));
      await world.run();
      assert.deepEqual(world.sent, [aJob(messageId, { kind: 'object', objectKey: `content/${messageId}` })]);
    });

    test('a message is queued within two minutes when it was accepted at any time between two runs', async () => {
      for (let second = 0; second < 60; second++) {
        const { world, messageId } = aWorldWith(0, { messageId: anId(NOON + second * SECOND_MS) });
        for (let minute = 0; world.sent.length === 0 && minute < 10; minute++) {
          world.nowEpochMs = NOON + minute * MINUTE_MS;
          await world.run();
        }
        assert.equal(world.sent[0]?.messageId, messageId);
        assert.ok(world.nowEpochMs - (NOON + second * SECOND_MS) < 110 * SECOND_MS);
      }
    });

    test('a message that was not queued is queued once, not at every run', async () => {
      const { world } = aWorldWith(50 * SECOND_MS);
      for (let minute = 0; minute < 20; minute++) {
        await world.run();
        world.nowEpochMs += MINUTE_MS;
      }
      assert.equal(world.sent.length, 1);
    });

    test('a message whose content is nowhere else waits in the queue alone, and ends after a day', async () => {
      const { world, messageId } = aWorldWith(50 * SECOND_MS, {}, false);
      await world.run();
      assert.equal(rowOf(world, messageId)?.status, 'accepted');
      world.nowEpochMs = NOON + DAY_MS + 10 * MINUTE_MS;
      await world.run();
      assert.equal(rowOf(world, messageId)?.status, 'failed');
      assert.equal(rowOf(world, messageId)?.statusReason, 'content_not_kept');
      assert.deepEqual(world.sent, []);
    });

    test('a message that was not queued has its files fetched first', async () => {
      const { world, messageId } = aWorldWith(50 * SECOND_MS);
      const { url: _url, ...uploaded } = buildAttachment({ attachmentId: 'uploaded', sizeBytes: 9 });
      const attachments = [uploaded, buildAttachment()];
      world.contents.set(messageId, emptyContent({ attachments }));
      await world.run();
      assert.deepEqual(world.fetched, [{ version: 2, job: aJob(messageId), attachments }]);
      assert.doesNotThrow(() => fetchJob.parse(world.fetched[0]));
      assert.deepEqual(world.sent, []);
    });

    test('a message that was not queued keeps the files that were fetched before', async () => {
      const { world, messageId } = aWorldWith(50 * SECOND_MS);
      const { url: _url, ...stored } = buildAttachment();
      world.contents.set(messageId, emptyContent({ attachments: [buildAttachment()] }));
      world.objects.set(stored.objectKey, Buffer.from('12345'));
      await world.run();
      assert.deepEqual(world.sent, [{ ...aJob(messageId), fetched: [{ ...stored, sizeBytes: 5 }] }]);
      assert.deepEqual(world.fetched, []);
    });
  });

  describe('a batch', () => {
    test('a batch that was never committed is aborted and its rows are removed', async () => {
      const { world, messageId } = aWorldWith(50 * SECOND_MS, { batchId: 'batch-1' });
      await world.run();
      assert.equal(world.batches.get('batch-1'), 'aborted');
      assert.equal(rowOf(world, messageId), undefined);
      assert.deepEqual(world.sent, []);
    });

    test('a batch that is committed is queued', async () => {
      const { world, messageId } = aWorldWith(50 * SECOND_MS, { batchId: 'batch-1' });
      world.batches.set('batch-1', 'committed');
      await world.run();
      assert.deepEqual(world.sent, [aJob(messageId)]);
    });

    test('a batch that was held back for longer than its record is kept is queued', async () => {
      const deferredUntilEpochMs = NOON + 5 * DAY_MS;
      const { world, messageId } = aWorldWith(5 * DAY_MS + 31 * MINUTE_MS, {
        ...{ batchId: 'batch-1', deferredUntilEpochMs },
      });
      await world.run();
      assert.deepEqual(world.sent[0], { ...aJob(messageId), deferredUntilEpochMs });
      assert.ok(rowOf(world, messageId));
      assert.deepEqual([...world.batches], []);
    });

    test('a batch that is committed while the abort is under way is queued', async () => {
      const { world, messageId } = aWorldWith(50 * SECOND_MS, { batchId: 'batch-1' });
      world.beforeOperation = (name) => {
        if (name === 'endBatch') world.batches.set('batch-1', 'committed');
      };
      await world.run();
      assert.deepEqual(world.sent, [aJob(messageId)]);
      assert.notEqual(rowOf(world, messageId), undefined);
    });
  });

  describe('tenants', () => {
    const tenants = Array.from({ length: 40 }, (_, index) => `tenant-${index}`);
    const nameOf = (key: string) => tenants.find((tenant) => key.startsWith(`${tenant}#`));
    const checked = (world: SweepWorld) =>
      new Set([...world.cursors.keys()].flatMap((key) => nameOf(key) ?? []));

    test('tenants are all looked at in turn, any number of them, after the operator and what is due', async () => {
      const { world, messageId } = aWorldWith(50 * SECOND_MS);
      world.tenants = tenants;
      let remainingMs = 0;
      world.beforeOperation = () => {
        remainingMs -= 400;
      };
      for (let run = 0; run < 8; run++) {
        remainingMs = 55_000;
        const before = checked(world).size;
        await world.run(() => remainingMs);
        if (run === 0) assert.deepEqual(world.sent, [aJob(messageId)]);
        if (before < tenants.length) assert.ok(checked(world).size > before, `run ${run}`);
        assert.ok(remainingMs > 0, 'it ended in time');
        world.nowEpochMs += MINUTE_MS;
      }
      assert.equal(checked(world).size, tenants.length);
    });

    test('tenants are all looked at in spite of one that fails, and the run says that it failed', async () => {
      const { world } = aWorldWith(50 * SECOND_MS);
      world.tenants = tenants;
      const { get } = world.cursors;
      world.cursors.get = (key) => {
        if (key.startsWith('tenant-0#')) throw new Error('unreadable');
        return get.call(world.cursors, key);
      };
      for (let run = 0; run < 2; run++) {
        await assert.rejects(world.run(), /A check failed/);
        world.nowEpochMs += MINUTE_MS;
      }
      assert.deepEqual([...checked(world)].sort(), tenants.filter((name) => name !== 'tenant-0').sort());
    });
  });

  describe('a message that got stuck', () => {
    const dead = { status: 'sending', attempt: 1, leaseUntilEpochMs: NOON + MINUTE_MS } as const;

    test('a message that got stuck is queued again after half an hour', async () => {
      const { world, messageId } = aWorldWith(31 * MINUTE_MS, dead);
      await world.run();
      assert.deepEqual([...new Set(world.sent.map((job) => job.messageId))], [messageId]);
      assert.equal(rowOf(world, messageId)?.status, 'sending');
    });

    test('a message that got stuck is sent where an event says so', async () => {
      const { world, messageId } = aWorldWith(31 * MINUTE_MS, dead);
      world.facts.set('fact', aFact());
      await world.run();
      const { status, sesMessageId } = rowOf(world, messageId) ?? {};
      assert.deepEqual({ status, sesMessageId }, { status: 'sent', sesMessageId: '0100019ab-ses' });
      assert.deepEqual(world.sent, []);
    });

    test('a message that got stuck ends after two days with an unknown outcome', async () => {
      const { world, messageId } = aWorldWith(49 * HOUR_MS, dead);
      await world.run();
      assert.equal(rowOf(world, messageId)?.statusReason, 'outcome_unknown');
    });
  });

  test('says once of each recipient that delivery is unconfirmed a day after sending', async () => {
    const sent = {
      status: 'sent',
      attempt: 1,
      sesMessageId: 'ses-1',
      sentAtEpochMs: NOON + SECOND_MS,
    } as const;
    const to = ['one@example.org', 'Two@Example.org'];
    const { world, messageId } = aWorldWith(DAY_MS + 10 * MINUTE_MS, { ...sent, to });
    for (let hour = 0; hour < 30; hour++) {
      await world.run();
      world.nowEpochMs += HOUR_MS;
    }
    const said = [...world.facts.values()].map(({ kind, recipient, attempt, sesMessageId }) => [
      kind,
      recipient,
      attempt,
      sesMessageId,
    ]);
    assert.deepEqual(said, [
      ['unconfirmed', 'one@example.org', 1, 'ses-1'],
      ['unconfirmed', 'two@example.org', 1, 'ses-1'],
    ]);
    assert.equal(rowOf(world, messageId)?.status, 'sent');
  });

  describe('its cursors', () => {
    const fill = (world: SweepWorld, count: number) => {
      for (let index = 0; index < count; index++) {
        const message = aMessage({ messageId: anId(NOON + index * SECOND_MS, index) });
        world.rows.set(message.messageId, message);
        world.contents.set(message.messageId, emptyContent());
      }
    };
    const queued = (world: SweepWorld) => new Set(world.sent.map(({ messageId }) => messageId)).size;

    test('cursors stand still before a message that cannot be queued, and its neighbours are queued', async () => {
      const world = createSweepWorld(NOON + 2 * MINUTE_MS);
      fill(world, 10);
      const refused = anId(NOON + 4 * SECOND_MS, 4);
      world.refusedByQueues.add(refused);
      await world.run();
      assert.equal(queued(world), 9);
      assert.equal(world.cursors.get('default#unqueued'), NOON + 4 * SECOND_MS);
      world.refusedByQueues.clear();
      await world.run();
      assert.equal(queued(world), 10);
    });

    test('cursors move over a message that cannot be queued in a quarter of an hour while others can', async () => {
      const world = createSweepWorld(NOON + 2 * MINUTE_MS);
      fill(world, 20);
      const refused = anId(NOON);
      world.refusedByQueues.add(refused);
      for (let run = 1; run < 15; run++) {
        await world.run();
        assert.equal(world.cursors.get('default#unqueued'), NOON);
      }
      await world.run();
      assert.equal(world.cursors.get('default#unqueued'), world.nowEpochMs - 45 * SECOND_MS);
      assert.equal(queued(world), 19);
      assert.ok(world.logged.includes('message_not_swept'));
    });

    test('cursors stand still for a message that fails now and then', async () => {
      const world = createSweepWorld(NOON + 2 * HOUR_MS);
      fill(world, 20);
      world.refusedByQueues.add(anId(NOON));
      await world.run();
      world.refusedByQueues.clear();
      await world.run();
      assert.equal(queued(world), 20);
    });

    test('cursors stand still while no queue takes anything, for half a day', async () => {
      const world = createSweepWorld(NOON + 2 * MINUTE_MS);
      fill(world, 40);
      for (const messageId of world.rows.keys()) world.refusedByQueues.add(messageId);
      for (let minute = 0; minute < 720; minute++) {
        await world.run();
        world.nowEpochMs += MINUTE_MS;
      }
      assert.equal(queued(world), 0);
      world.refusedByQueues.clear();
      await world.run();
      assert.equal(queued(world), 40);
    });

    test('cursors stop where the time is over, and the next run goes on from there', async () => {
      const world = createSweepWorld(NOON + 10 * MINUTE_MS);
      fill(world, 100);
      await world.run(() => 0);
      assert.equal(queued(world), 25);
      assert.equal(world.cursors.get('default#unqueued'), NOON + 24 * SECOND_MS);
      await world.run();
      assert.equal(queued(world), 100);
    });

    test('cursors of the other checks move when one check fails, and the run fails as a whole', async () => {
      const world = createSweepWorld(NOON + 3 * DAY_MS);
      let queries = 0;
      world.beforeOperation = (name) => {
        if (name === 'queryWindow' && queries++ === 0) throw new Error('throttled');
      };
      await assert.rejects(world.run(), { name: 'SweepIncompleteError' });
      assert.deepEqual([...world.cursors.keys()].sort(), [
        '*#due-lost',
        '*#due-stuck',
        '*#due-unended',
        '*#release',
        'default#lost',
        'default#stuck',
        'default#unended',
      ]);
    });

    test('cursors skip no message, also when runs are left out, die, run out of time or find a queue down', async () => {
      const arrivals = fc.array(fc.integer({ min: 0, max: 3 * HOUR_MS }), { minLength: 1, maxLength: 60 });
      const runs = fc.array(
        fc.record({
          afterMs: fc.integer({ min: SECOND_MS, max: 40 * MINUTE_MS }),
          /** Dies at this operation. */
          diesAt: fc.option(fc.integer({ min: 0, max: 30 }), { nil: undefined }),
          hasTime: fc.boolean(),
          isQueueDown: fc.boolean(),
        }),
        { maxLength: 12 },
      );
      await fc.assert(
        fc.asyncProperty(arrivals, runs, async (arrivedMs, plan) => {
          const world = createSweepWorld(NOON);
          for (const [index, afterMs] of arrivedMs.entries()) {
            const message = aMessage({ messageId: anId(NOON + afterMs, index) });
            world.rows.set(message.messageId, message);
            world.contents.set(message.messageId, emptyContent());
          }
          for (const step of plan) await takeStep(world, step);
          world.nowEpochMs = Math.max(world.nowEpochMs, NOON + 3 * HOUR_MS) + MINUTE_MS;
          await world.run();
          assert.equal(queued(world), arrivedMs.length);
        }),
        { numRuns: 200 },
      );
    });

    test('cursors leave no message without an end after three days, with any failures in between', async () => {
      const states = fc.constantFrom<Partial<Message>>(
        {},
        { statusReason: 'throttled' },
        { status: 'sending', attempt: 1, leaseUntilEpochMs: NOON + HOUR_MS },
        { status: 'unknown', attempt: 2, unknownSinceEpochMs: NOON + HOUR_MS },
      );
      const failures = fc.array(fc.option(fc.nat({ max: 20 }), { nil: undefined }), { maxLength: 40 });
      await fc.assert(
        fc.asyncProperty(fc.array(states, { minLength: 1, maxLength: 8 }), failures, async (rows, plan) => {
          const world = createSweepWorld(NOON);
          for (const [index, state] of rows.entries()) {
            const message = aMessage({ messageId: anId(NOON, index), ...state });
            world.rows.set(message.messageId, message);
          }
          for (const diesAt of plan) {
            world.nowEpochMs += HOUR_MS;
            await runUntil(world, diesAt);
          }
          world.nowEpochMs = NOON + 3 * DAY_MS;
          await world.run();
          for (const { status, statusReason } of world.rows.values()) {
            assert.equal(status, 'failed');
            assert.match(statusReason ?? '', /^(content_not_kept|outcome_unknown|not_sent_in_a_day)$/);
          }
        }),
        { numRuns: 100 },
      );
    });
  });
});

interface Step {
  readonly afterMs: number;
  readonly diesAt: number | undefined;
  readonly hasTime: boolean;
  readonly isQueueDown: boolean;
}

async function takeStep(world: SweepWorld, { afterMs, diesAt, hasTime, isQueueDown }: Step): Promise<void> {
  world.nowEpochMs += afterMs;
  for (const messageId of isQueueDown ? world.rows.keys() : []) world.refusedByQueues.add(messageId);
  await runUntil(world, diesAt, hasTime);
  world.refusedByQueues.clear();
}

/** Runs once; with `diesAt` every operation from that one on fails, as for a process that is gone. */
async function runUntil(world: SweepWorld, diesAt: number | undefined, hasTime = true): Promise<void> {
  let operations = 0;
  world.beforeOperation = () => {
    if (diesAt !== undefined && operations++ >= diesAt) throw new Error('the process died');
  };
  await world.run(() => (hasTime ? 55_000 : 0)).catch(() => undefined);
  world.beforeOperation = () => {};
}
