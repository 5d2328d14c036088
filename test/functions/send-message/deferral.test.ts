import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SendJob } from '../../../shared/messages/contract/queue-body.ts';
import { ACCEPTED_AT_EPOCH_MS, buildAccepted, MESSAGE_ID } from '../../support/messages/delivery-builders.ts';
import { buildJob, createSendWorld } from '../../support/sending/send-message-world.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

type World = ReturnType<typeof createSendWorld>;

interface Waiting {
  readonly job: SendJob;
  readonly atEpochMs: number;
}

/** Lets everything that waits come back at its time, from the queue and from due rows; answers how often one did. */
async function live(world: World, untilEpochMs: number): Promise<number> {
  const { clock, queue, dueRows } = world;
  const copies: Waiting[] = [];
  for (let looks = 0; ; looks += 1) {
    for (const { job, delaySeconds = 0 } of queue.queued.splice(0))
      copies.push({ job, atEpochMs: clock.now + delaySeconds * 1000 });
    const due = [...dueRows.rows.values()].flatMap(({ dueEpochMs, work }): Waiting[] =>
      work.queue === 'send' && dueEpochMs > clock.now ? [{ job: work.job, atEpochMs: dueEpochMs }] : [],
    );
    const [next] = [...copies, ...due].toSorted((one, other) => one.atEpochMs - other.atEpochMs);
    if (next === undefined || next.atEpochMs > untilEpochMs) {
      for (const { job, atEpochMs } of copies)
        queue.queued.push({ job, delaySeconds: (atEpochMs - clock.now) / 1000 });
      return looks;
    }
    if (copies.includes(next)) copies.splice(copies.indexOf(next), 1);
    clock.now = next.atEpochMs;
    await world.receive(next.job);
  }
}

describe('mail of a stream that is paused', () => {
  const pausedWorld = (overrides = {}) => {
    const world = createSendWorld([buildAccepted(overrides)]);
    world.paused.set('transactional', world.clock.now);
    return world;
  };

  test('mail of a paused stream waits by few copies for an hour, then as one due row, and leaves within half an hour', async () => {
    const world = pausedWorld();
    const from = world.clock.now;
    await world.receive(buildJob());
    const looksOfAnHour = await live(world, from + HOUR_MS);
    assert.ok(looksOfAnHour <= 16, `${looksOfAnHour} looks`);
    await live(world, from + 2 * HOUR_MS);
    assert.deepEqual([world.queue.queued.length, world.dueRows.rows.size], [0, 1]);
    assert.equal(world.row().status, 'accepted');

    await live(world, from + 3 * DAY_MS);
    assert.equal(world.dueRows.rows.size, 1, 'the rows of before are gone');
    world.paused.clear();
    const resumedAt = world.clock.now;
    await live(world, resumedAt + DAY_MS);
    assert.equal(world.row().status, 'sent');
    assert.equal(world.mailer.sent.length, 1);
    assert.ok(world.clock.now - resumedAt <= 30 * MINUTE_MS);
  });

  test('its content is read only once it goes on', async () => {
    const world = pausedWorld();
    await world.receive(buildJob({ content: { kind: 'table' } }));
    assert.ok(!world.calls.includes('getContent'));
  });

  test('held mail keeps its content in the table, where the queue alone had it, until it is sent', async () => {
    const world = pausedWorld();
    await world.receive(buildJob());
    await live(world, world.clock.now + 2 * HOUR_MS);
    assert.equal(world.messages.contents.get(MESSAGE_ID)?.text, 'hi');
    world.paused.clear();
    await live(world, world.clock.now + DAY_MS);
    assert.equal(world.mailer.sent[0]?.text, 'hi');
    assert.equal(world.messages.contents.size, 0);
  });

  test('held mail keeps its content no shorter than it was to be kept', async () => {
    for (const [keptDays, writes] of [
      [30, 0],
      [1, 1],
    ] as const) {
      const until = ACCEPTED_AT_EPOCH_MS / 1000 + keptDays * 86_400;
      const world = pausedWorld({ contentKeptUntilEpochSeconds: until });
      world.messages.contents.set(MESSAGE_ID, { text: 'hi', headers: {}, attachments: [] });
      world.clock.now += 2 * HOUR_MS;
      await world.receive(buildJob());
      assert.equal(world.calls.filter((call) => call === 'putContent').length, writes, `${keptDays} days`);
    }
  });

  test('a whole day of tries begins when it goes on', async () => {
    const world = pausedWorld();
    world.mailer.answers.push({
      kind: 'answered',
      httpStatus: 429,
      errorName: 'TooManyRequestsException',
      text: '',
    });
    await world.receive(buildJob());
    await live(world, world.clock.now + 30 * HOUR_MS);
    world.paused.clear();
    await live(world, world.clock.now + DAY_MS);
    assert.equal(world.row().status, 'sent');
  });

  test('held mail ends after two weeks, and says why', async () => {
    const world = pausedWorld();
    await world.receive(buildJob());
    await live(world, ACCEPTED_AT_EPOCH_MS + 20 * DAY_MS);
    assert.deepEqual(
      [world.row().status, world.row().statusReason],
      ['failed', 'held_too_long: stream_paused'],
    );
    assert.ok(world.clock.now - ACCEPTED_AT_EPOCH_MS >= 14 * DAY_MS);
    assert.equal(world.mailer.sent.length, 0);
  });

  test('one due row stands for it, however many jobs there are', async () => {
    const world = pausedWorld();
    world.clock.now += 2 * HOUR_MS;
    await world.receive(buildJob());
    world.clock.now += MINUTE_MS;
    await world.receive(buildJob());
    assert.deepEqual([world.queue.queued.length, world.dueRows.rows.size], [0, 1]);
  });

  test('waits in the queue while another worker is at it', async () => {
    const world = pausedWorld({ status: 'sending', attempt: 1, leaseUntilEpochMs: Number.MAX_SAFE_INTEGER });
    world.clock.now += 2 * HOUR_MS;
    await world.receive(buildJob());
    assert.equal(world.queue.queued[0]?.delaySeconds, 900);
  });

  test('a message that has its end leaves nothing behind', async () => {
    const world = pausedWorld({ status: 'sent', attempt: 1 });
    world.clock.now += 2 * HOUR_MS;
    await world.receive(buildJob());
    assert.deepEqual([world.queue.queued.length, world.dueRows.rows.size], [0, 0]);
  });

  const STEPS = ['getMessage:consistent', 'getContent', 'putContent', 'putDueRows', 'defer', 'removeDueRow'];
  for (const step of STEPS) {
    test(`a process that dies before ${step} loses nothing, and the mail leaves once`, async () => {
      const world = pausedWorld();
      world.clock.now += 2 * HOUR_MS;
      const job = buildJob({ deferredUntilEpochMs: world.clock.now });
      const first = step === 'removeDueRow' ? job : buildJob();
      world.broken.add(step);
      await assert.rejects(world.receive(first), TypeError);
      world.broken.clear();
      await world.receive(first);
      await live(world, world.clock.now + 5 * HOUR_MS);
      world.paused.clear();
      await live(world, world.clock.now + DAY_MS);
      assert.equal(world.row().status, 'sent');
      assert.equal(world.mailer.sent.length, 1);
    });
  }

  test('mail of a paused stream waits as a copy while the store is down', async () => {
    const world = pausedWorld();
    world.clock.now += 2 * HOUR_MS;
    world.down.add('putDueRows');
    await world.receive(buildJob());
    assert.equal(world.queue.queued.length, 1);
  });
});
