import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Resend } from 'resend';
import { eventIdOf, type PublishedEvent } from '../../../../shared/events/published-event.ts';
import { webhookQueueJob } from '../../../../shared/webhooks/contract/webhook-job.ts';
import type { WebhookDelivery } from '../../../../shared/webhooks/ports.ts';
import { startDynalite } from '../../../support/aws/dynalite.ts';
import { type ControlWorld, startControlWorld } from '../../../support/control-api/control-world.ts';
import { anId, NOON } from '../../../support/messages/message-builders.ts';
import { aDelivery, anAttempt, aWebhook } from '../../../support/webhooks/webhook-builders.ts';

const DAY_MS = 86_400_000;

let client: DynamoDBClient;
let world: ControlWorld;
let stopDynalite: () => Promise<void>;
let token: string;
let resend: Resend;
let webhookId: string;
let count = 0;

before(async () => {
  ({ client, stop: stopDynalite } = await startDynalite());
  world = await startControlWorld(client);
  token = await world.key();
  resend = new Resend(token, { baseUrl: world.url });
});
after(async () => {
  await world.stop();
  await stopDynalite();
});
beforeEach(async () => {
  Object.assign(world.queues, { areDown: false });
  world.time.nowEpochMs = NOON;
  world.queued.splice(0);
  webhookId = anId(NOON, ++count);
  await world.webhooks.put(aWebhook({ webhookId }));
});

const ask = (method: string, path: string, body?: unknown) =>
  world.request(method, `/webhooks/${webhookId}${path}`, token, body);

function anEvent(ms: number): PublishedEvent {
  return {
    id: eventIdOf(NOON + ms, String(ms)),
    ...{ type: 'email.delivered', tenant: 'default' },
    createdAt: new Date(NOON + ms).toISOString(),
    data: { email_id: anId(NOON), subject: `of ${ms}` },
  };
}

/** An event in the log that this webhook was told of. */
async function deliver(ms: number, overrides: Partial<WebhookDelivery> = {}): Promise<WebhookDelivery> {
  const delivery = aDelivery({ position: world.log(anEvent(ms)), ...overrides }, NOON + ms, String(ms));
  await world.webhookDeliveries.put(webhookId, delivery);
  return delivery;
}

describe('events of a webhook, through the SDK,', () => {
  test('the events of a webhook are listed newest first, in pages', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 5; index++) ids.unshift((await deliver(index * 300)).eventId);
    const first = await resend.webhooks.events.list({ webhookId, limit: 2 });
    assert.equal(first.error, null);
    assert.deepEqual(first.data?.data[0], {
      ...{ id: ids[0], type: 'email.delivered', status: 'success' },
      created_at: new Date(NOON + 1_200).toISOString(),
    });
    const pages = [first.data?.data ?? []];
    for (let hasMore = first.data?.has_more ?? false; hasMore; ) {
      const after = pages.at(-1)?.at(-1)?.id ?? '';
      const { data } = await resend.webhooks.events.list({ webhookId, limit: 2, after });
      pages.push(data?.data ?? []);
      hasMore = data?.has_more ?? false;
    }
    assert.deepEqual(
      pages.map((page) => page.map(({ id }) => id)),
      [ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)],
    );
    const { data: all } = await resend.webhooks.events.list({ webhookId });
    assert.deepEqual([all?.object, all?.has_more, all?.data.length], ['list', false, 5]);
  });

  test('the events of a webhook come twenty at a time where no limit is given', async () => {
    for (let index = 0; index < 21; index++) await deliver(index);
    const { data } = await resend.webhooks.events.list({ webhookId });
    assert.deepEqual([data?.data.length, data?.has_more], [20, true]);
  });

  test('the events of a webhook are shown with their payload and when they are tried next', async () => {
    const nextAttemptAt = new Date(NOON + 5_000).toISOString();
    const { eventId } = await deliver(7, { state: 'pending', nextAttemptAt });
    const { type, createdAt, data } = anEvent(7);
    const shown = await resend.webhooks.events.get({ webhookId, eventId });
    assert.deepEqual(shown.data, {
      ...{ object: 'webhook_event', id: eventId, type, created_at: createdAt },
      ...{ status: 'pending', next_attempt_at: nextAttemptAt },
      payload: { type, created_at: createdAt, data },
    });
    const done = await deliver(8);
    const { data: second } = await resend.webhooks.events.get({ webhookId, eventId: done.eventId });
    assert.equal(second?.next_attempt_at, null);
  });

  test('the events of a webhook have attempts, newest first, in pages', async () => {
    const attempts = [0, 5_000, 305_000].map((ms) =>
      anAttempt(ms, { httpStatusCode: ms === 0 ? 0 : 500, response: `answer of ${ms}` }),
    );
    const { eventId } = await deliver(9, { state: 'failed', attempts });
    const all = await resend.webhooks.events.attempts.list({ webhookId, eventId });
    assert.deepEqual(all.data, {
      ...{ object: 'list', has_more: false },
      data: attempts.toReversed().map(({ attemptId, httpStatusCode, response, sentAt }) => ({
        ...{ id: attemptId, http_status_code: httpStatusCode, response, sent_at: sentAt },
      })),
    });
    const page = await resend.webhooks.events.attempts.list({
      ...{ webhookId, eventId, limit: 1 },
      after: attempts[2]?.attemptId ?? '',
    });
    assert.deepEqual([page.data?.has_more, page.data?.data[0]?.response], [true, 'answer of 5000']);
  });

  test('the events of a webhook are replayed: queued once, marked as such, and shown as attempting', async () => {
    const failure = anAttempt(0, { httpStatusCode: 500 });
    const { eventId, position } = await deliver(10, {
      ...{ state: 'failed', attempts: [failure], nextAttemptAt: '…' },
    });
    const replayed = await resend.webhooks.events.replay({ webhookId, eventId });
    assert.deepEqual(replayed.data, { object: 'webhook_event', id: eventId });

    const { id, type, createdAt, data } = anEvent(10);
    const job = {
      ...{ version: 2, kind: 'deliver', tenant: 'default', webhookId, position },
      event: { id, type, createdAt, data },
      ...{ attempts: 0, queue: 'slow', waits: 0, isReplay: true },
    };
    assert.deepEqual(world.queued, [{ queue: 'webhook', job }]);
    assert.deepEqual(webhookQueueJob.parse(world.queued[0]?.job), job);
    const shown = await resend.webhooks.events.get({ webhookId, eventId });
    assert.deepEqual([shown.data?.status, shown.data?.next_attempt_at], ['attempting', null]);
    const attempts = await resend.webhooks.events.attempts.list({ webhookId, eventId });
    assert.equal(attempts.data?.data.length, 1);
  });

  test('events that succeeded are replayed and stay successes', async () => {
    const { eventId } = await deliver(11);
    assert.equal((await resend.webhooks.events.replay({ webhookId, eventId })).error, null);
    assert.equal((await resend.webhooks.events.get({ webhookId, eventId })).data?.status, 'success');
    assert.equal(world.queued.length, 1);
  });
});

describe('a replay of one event', () => {
  const stateOf = async (eventId: string) => (await ask('GET', `/events/${eventId}`)).body.status;

  test('a replay that the queue does not take is a 503 and changes nothing', async () => {
    const { eventId } = await deliver(20, { state: 'failed' });
    Object.assign(world.queues, { areDown: true });
    const answer = await ask('POST', `/events/${eventId}/replay`);
    assert.deepEqual([answer.status, answer.body.name], [503, 'application_error']);
    assert.equal(await stateOf(eventId), 'failed');
  });

  test('a replay is answered once it is queued, also where it cannot be shown', async (t) => {
    const { eventId } = await deliver(21, { state: 'failed' });
    const put = t.mock.method(world.webhookDeliveries, 'put', async () => {
      throw new Error('The table is down.');
    });
    const answer = await ask('POST', `/events/${eventId}/replay`);
    assert.deepEqual([answer.status, world.queued.length], [200, 1]);
    assert.match(world.lines.join('\n'), /replay_not_shown/);
    put.mock.restore();
  });

  test('a replay is for enabled webhooks', async () => {
    const { eventId } = await deliver(22, { state: 'failed' });
    await world.webhooks.update('default', webhookId, { status: 'disabled' });
    for (const path of [`/events/${eventId}/replay`, '/replay']) {
      const answer = await ask('POST', path);
      assert.deepEqual([answer.status, answer.body.name], [422, 'validation_error'], path);
      assert.match(answer.body.message, /set its `status` to `enabled` first/);
    }
    assert.deepEqual([world.queued, await stateOf(eventId)], [[], 'failed']);
  });
});

describe('an event that cannot be shown', () => {
  const eventId = eventIdOf(NOON, 'never delivered');

  test('an event that was never on its way to the webhook is a 404', async () => {
    world.log({ ...anEvent(0), id: eventId });
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/attempts'],
      ['POST', '/replay'],
    ] as const) {
      const answer = await ask(method, `/events/${eventId}${path}`);
      assert.deepEqual([answer.status, answer.body.message], [404, 'Webhook event not found'], path);
    }
    assert.deepEqual(world.queued, []);
  });

  test('an event that the log does not keep any more, or has replaced, is a 404', async () => {
    const gone = await deliver(30, { position: { partition: 0, block: 0, index: 10_000 } });
    const other = await deliver(31, { position: world.log(anEvent(32)) });
    for (const each of [gone, other]) {
      const answer = await ask('GET', `/events/${each.eventId}`);
      assert.equal(answer.status, 404);
      assert.match(answer.body.message, /the event log does not keep it/);
      assert.equal((await ask('POST', `/events/${each.eventId}/replay`)).status, 404);
      assert.equal((await ask('GET', `/events/${each.eventId}/attempts`)).status, 200);
    }
    assert.deepEqual(world.queued, []);
  });

  test('an event with an id that is none is a 422', async () => {
    for (const id of ['msg_1', anId(), 'MSG_019ab0000000000000000000000000000']) {
      const answer = await ask('GET', `/events/${id}`);
      assert.deepEqual([answer.status, answer.body.name], [422, 'invalid_parameter'], id);
    }
    for (const [query, name] of [
      ['after=msg_1', 'invalid_parameter'],
      [`before=${eventId}`, 'validation_error'],
      ['limit=0', 'validation_error'],
      ['limit=101', 'validation_error'],
    ] as const) {
      const answer = await ask('GET', `/events?${query}`);
      assert.deepEqual([answer.status, answer.body.name], [422, name], query);
    }
  });
});

describe('a replay of many events', () => {
  const iso = (ms: number) => new Date(ms).toISOString();
  const jobs = () => world.queued.map(({ job }) => webhookQueueJob.parse(job));

  test('a replay of many events is of all that failed in 30 days where the body says nothing', async () => {
    for (const body of [undefined, {}, { status: null, from: null, until: '' }]) {
      world.queued.splice(0);
      const answer = await ask('POST', '/replay', body);
      const range = { fromEpochMs: NOON - 30 * DAY_MS, untilEpochMs: NOON };
      assert.equal(answer.status, 200);
      assert.deepEqual(answer.body, {
        ...{ object: 'webhook_replay', webhook_id: webhookId, status: 'failed' },
        ...{ from: iso(range.fromEpochMs), until: iso(range.untilEpochMs) },
      });
      assert.deepEqual(jobs(), [
        {
          ...{ version: 2, kind: 'replay', tenant: 'default', webhookId, which: 'failed' },
          ...{ ...range, queue: 'slow', waits: 0 },
        },
      ]);
    }
  });

  test('a replay of many events is of all that happened in a time that is given', async () => {
    const body = { status: 'all', from: '2026-11-23T08:00:00+02:00', until: '2026-11-23 07:30' };
    const answer = await ask('POST', '/replay', body);
    assert.deepEqual(
      [answer.body.status, answer.body.from, answer.body.until],
      ['all', '2026-11-23T06:00:00.000Z', '2026-11-23T07:30:00.000Z'],
    );
    const [job] = jobs();
    assert.equal(job?.kind === 'replay' && job.which, 'all');
  });

  test('a replay forgives clocks that are a minute apart', async () => {
    const body = { status: 'all', from: iso(NOON - 30 * DAY_MS - 59_000), until: iso(NOON + 59_000) };
    const answer = await ask('POST', '/replay', body);
    assert.deepEqual([answer.status, answer.body.until], [200, iso(NOON)]);
  });

  test('a replay that makes no sense is refused, and nothing is queued', async () => {
    for (const [body, name, message] of [
      [{ status: 'all' }, 'missing_required_field', /Missing `from` field/],
      [{ status: 'pending' }, 'validation_error', /`failed` or `all`/],
      [{ from: 'yesterday' }, 'validation_error', /`from` field must be a time in ISO 8601/],
      [{ from: 1_795_435_200 }, 'validation_error', /`from` field must be a time/],
      [{ from: '2026-11-23T10:61' }, 'validation_error', /`from` field must be a time/],
      [{ from: '2026-11-31' }, 'validation_error', /`from` field must be a time/],
      [{ until: `2026-11-23${' '.repeat(99)}` }, 'validation_error', /`until` field must be a time/],
      [{ from: iso(NOON + 61_000) }, 'validation_error', /`from` field is in the future/],
      [{ until: iso(NOON + 61_000) }, 'validation_error', /`until` field is in the future/],
      [{ from: iso(NOON - 31 * DAY_MS) }, 'validation_error', /more than 30 days ago/],
      [{ from: iso(NOON - 1_000), until: iso(NOON - 1_000) }, 'validation_error', /before `until`/],
      [{ from: iso(NOON - 1_000), until: iso(NOON - 2_000) }, 'validation_error', /before `until`/],
      [{ until: iso(NOON - 31 * DAY_MS) }, 'validation_error', /before `until`/],
    ] as const) {
      const answer = await ask('POST', '/replay', body);
      assert.deepEqual([answer.status, answer.body.name], [422, name], JSON.stringify(body));
      assert.match(answer.body.message, message);
    }
    assert.deepEqual(world.queued, []);
  });

  test('a replay of many events that the queue does not take is a 503', async () => {
    Object.assign(world.queues, { areDown: true });
    assert.equal((await ask('POST', '/replay')).status, 503);
  });
});
