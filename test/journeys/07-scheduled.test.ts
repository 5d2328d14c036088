import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Resend } from 'resend';
import { eventually } from '../support/base/eventually.ts';
import { nowOf, passMinutes, request } from '../support/journeys/journey.ts';
import { startTestCloud, type TestCloud } from '../support/journeys/local-cloud.ts';

const MINUTE_MS = 60_000;

/** Mail for later, with the official SDK. */
describe('scheduled sends', () => {
  let cloud: TestCloud;
  let resend: Resend;

  before(async () => {
    cloud = await startTestCloud();
    process.env.RESEND_BASE_URL = cloud.url;
    resend = new Resend(cloud.apiKey);
  });
  after(() => cloud.close());

  const advanceTo = async (epochMs: number) =>
    cloud.advance(Math.max(0, (epochMs - (await nowOf(cloud))) / 1000));
  const shown = async (id: string) => (await resend.emails.get(id)).data;
  const untilEvent = (id: string, event: string) =>
    eventually(async () => assert.equal((await shown(id))?.last_event, event));

  async function schedule(to: string, scheduledAt: string, more: Record<string, unknown> = {}) {
    const mail = { from: 'ada@example.com', to, subject: 'Later', text: 'Hello', scheduledAt, ...more };
    const { data, error } = await resend.emails.send(mail);
    assert.equal(error, null);
    return String(data?.id);
  }

  const pass = (minutes: number) => passMinutes(cloud, minutes);

  test('a mail for later reads scheduled, waits for its time, and is sent at it, not by the next sweep', async () => {
    // A sweep comes with the minute, this mail five seconds later.
    const dueEpochMs = Math.ceil(((await nowOf(cloud)) + 20 * MINUTE_MS) / MINUTE_MS) * MINUTE_MS + 5_000;
    const id = await schedule('later@example.org', new Date(dueEpochMs).toISOString());
    assert.deepEqual(
      [(await shown(id))?.last_event, (await shown(id))?.scheduled_at],
      ['scheduled', new Date(dueEpochMs).toISOString()],
    );

    await advanceTo(dueEpochMs - 90_000);
    await pass(1);
    await advanceTo(dueEpochMs - 4_000);
    assert.deepEqual(await cloud.inbox('later@example.org'), []);
    await untilEvent(id, 'delivered');

    const [mail, ...others] = await cloud.inbox('later@example.org');
    assert.equal(others.length, 0);
    const lateMs = Date.parse(mail?.receivedAt ?? '') - dueEpochMs;
    assert.ok(lateMs >= 0 && lateMs < MINUTE_MS - 5_000, `${lateMs} ms after its time`);
  });

  test('an English phrase and a time within minutes are understood too', async () => {
    const soon = await schedule('soon@example.org', 'in 10 minutes');
    const far = await schedule('far@example.org', 'in 29 days');
    assert.equal((await shown(soon))?.last_event, 'scheduled');
    await cloud.advance(9 * 60);
    assert.deepEqual(await cloud.inbox('soon@example.org'), []);
    await pass(2);
    await untilEvent(soon, 'delivered');
    assert.equal((await cloud.inbox('soon@example.org')).length, 1);

    await cloud.advance(29 * 86_400 - 20 * 60);
    assert.equal((await shown(far))?.last_event, 'scheduled');
    await pass(12);
    await untilEvent(far, 'delivered');
    assert.equal((await cloud.inbox('far@example.org')).length, 1);
  });

  test('a mail that is canceled is never sent, and a repeat is answered the same', async () => {
    const ids = [
      await schedule('never@example.org', 'in 1 hour'),
      await schedule('never@example.org', 'in 2 minutes'),
    ];
    for (const id of [...ids, ...ids]) {
      const { data, error } = await resend.emails.cancel(id);
      assert.deepEqual([data, error], [{ object: 'email', id }, null]);
    }
    const moved = await resend.emails.update({ id: ids[0] ?? '', scheduledAt: 'in 2 hours' });
    assert.match(moved.error?.message ?? '', /canceled/);

    await cloud.advance(57 * 60);
    await pass(6);
    for (const id of ids) assert.equal((await shown(id))?.last_event, 'canceled');
    assert.deepEqual(await cloud.inbox('never@example.org'), []);
  });

  test('a mail that is moved is sent at its new time, sooner or later, and not twice', async () => {
    const later = await schedule('moved@example.org', 'in 20 minutes');
    const sooner = await schedule('sooner@example.org', 'in 3 days');
    for (const [id, scheduledAt] of [
      [later, 'in 2 hours'],
      [sooner, 'in 5 minutes'],
    ] as const) {
      assert.equal((await resend.emails.update({ id, scheduledAt })).error, null);
    }
    await pass(7);
    await untilEvent(sooner, 'delivered');

    await cloud.advance(16 * 60);
    await pass(4);
    assert.equal((await shown(later))?.last_event, 'scheduled');
    await cloud.advance(90 * 60);
    await pass(5);
    await untilEvent(later, 'delivered');
    await cloud.advance(3 * 86_400);
    await pass(3);
    for (const to of ['moved@example.org', 'sooner@example.org']) {
      assert.equal((await cloud.inbox(to)).length, 1, to);
    }

    const { error } = await resend.emails.cancel(later);
    assert.match(error?.message ?? '', /already sent/);
  });

  test('every mail of a batch has a time of its own, and what is wrong with one is said', async () => {
    const mail = { from: 'ada@example.com', subject: 'Batch', text: 'Hello' };
    const { data, error } = await resend.batch.send([
      { ...mail, to: 'batch-now@example.org' },
      { ...mail, to: 'batch-later@example.org', scheduledAt: 'in 30 minutes' },
    ]);
    assert.equal(error, null);
    const [now, later] = (data?.data ?? []).map(({ id }) => id);
    await untilEvent(now ?? '', 'delivered');
    assert.equal((await shown(later ?? ''))?.last_event, 'scheduled');
    await cloud.advance(27 * 60);
    await pass(5);
    await untilEvent(later ?? '', 'delivered');

    for (const scheduled_at of ['yesterday', 'in 31 days', 'whenever', 5]) {
      const answer = await request(cloud, 'POST', '/emails', { ...mail, to: 'no@example.org', scheduled_at });
      assert.deepEqual([answer.status, answer.body.name], [422, 'validation_error']);
    }
  });
});
