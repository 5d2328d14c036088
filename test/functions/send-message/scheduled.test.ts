import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ACCEPTED_AT_EPOCH_MS, buildAccepted, MESSAGE_ID } from '../../support/messages/delivery-builders.ts';
import { buildJob, createSendWorld } from '../../support/sending/send-message-world.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DUE = ACCEPTED_AT_EPOCH_MS + HOUR_MS;

const scheduled = (overrides = {}) =>
  buildAccepted({ status: 'scheduled', scheduledAtEpochMs: DUE, ...overrides });
const aJob = (overrides = {}) => buildJob({ scheduledAtEpochMs: DUE, ...overrides });

function aWorldAt(epochMs: number, overrides = {}) {
  const world = createSendWorld([scheduled(overrides)]);
  world.clock.now = epochMs;
  return world;
}

describe('send-message and a scheduled message', () => {
  test('sends a scheduled message when its time has come, to the millisecond', async () => {
    const world = aWorldAt(DUE);
    await world.receive(aJob());
    assert.equal(world.row().status, 'sent');
    assert.equal(world.row().scheduledAtEpochMs, DUE);
  });

  test('requeues a job that is early, and sends at the time', async () => {
    const world = aWorldAt(DUE - 1);
    await world.receive(aJob());
    assert.equal(world.row().status, 'scheduled');
    assert.deepEqual(
      world.queue.queued.map(({ delaySeconds }) => delaySeconds),
      [1],
    );
    await world.runQueue();
    assert.equal(world.row().status, 'sent');
  });

  test('a scheduled message waits in steps of 15 minutes for a time that is further away', async () => {
    const world = aWorldAt(DUE - HOUR_MS);
    await world.receive(aJob());
    assert.equal(world.queue.queued[0]?.delaySeconds, 900);
    await world.runQueue();
    assert.equal(world.row().status, 'sent');
    assert.ok(world.clock.now >= DUE && world.clock.now < DUE + 1000);
  });

  test('drops the job of a time that it was moved away from, and keeps its content', async () => {
    const world = aWorldAt(DUE - HOUR_MS, { scheduledAtEpochMs: DUE });
    await world.receive(aJob({ scheduledAtEpochMs: DUE - HOUR_MS, content: { kind: 'table' } }));
    assert.deepEqual([world.row().status, world.queue.queued], ['scheduled', []]);
    assert.ok(!world.calls.includes('deleteContent'));
  });

  test('takes any job once the time has come', async () => {
    const world = aWorldAt(DUE);
    await world.receive(aJob({ scheduledAtEpochMs: DUE + DAY_MS }));
    assert.equal(world.row().status, 'sent');
  });

  test('drops the job of a canceled message, and its content where none is kept', async () => {
    const world = aWorldAt(DUE, { status: 'canceled' });
    world.messages.contents.set(MESSAGE_ID, { text: 'hi', headers: {}, attachments: [] });
    await world.receive(aJob({ content: { kind: 'table' } }));
    assert.deepEqual([world.row().status, world.queue.queued], ['canceled', []]);
    assert.equal(world.messages.contents.size, 0);
  });

  test('tries a scheduled message for a day from its time, not from the time it was accepted', async () => {
    const overrides = { scheduledAtEpochMs: ACCEPTED_AT_EPOCH_MS + 20 * DAY_MS };
    const world = aWorldAt(ACCEPTED_AT_EPOCH_MS + 20 * DAY_MS + HOUR_MS, overrides);
    const throttled = {
      kind: 'answered',
      httpStatus: 429,
      errorName: 'TooManyRequestsException',
      text: '',
    } as const;
    world.mailer.answers.push(throttled);
    await world.receive(aJob(overrides));
    assert.deepEqual([world.row().status, world.queue.queued.length], ['accepted', 1]);

    world.clock.now = ACCEPTED_AT_EPOCH_MS + 21 * DAY_MS;
    world.mailer.answers.push(throttled);
    await world.receive(aJob(overrides));
    assert.equal(world.row().status, 'failed');
    assert.match(world.row().statusReason ?? '', /not_sent_in_a_day/);
  });
});
