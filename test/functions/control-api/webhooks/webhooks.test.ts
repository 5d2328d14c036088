import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Resend, type WebhookEvent } from 'resend';
import { PUBLISHED_EVENT_TYPES } from '../../../../shared/event-catalog/contract/published-types.ts';
import { EVENT_TYPES } from '../../../../shared/events/event-types.ts';
import { startDynalite } from '../../../support/aws/dynalite.ts';
import { type ControlWorld, startControlWorld } from '../../../support/control-api/control-world.ts';
import { anId, NOON } from '../../../support/messages/message-builders.ts';

const ENDPOINT = 'https://hooks.example.com/resend';
const SECRET = /^whsec_[A-Za-z0-9+/]{43}=$/;
const HOUR_MS = 3_600_000;

let client: DynamoDBClient;
let world: ControlWorld;
let local: ControlWorld;
let stopDynalite: () => Promise<void>;
let token: string;
let resend: Resend;

before(async () => {
  ({ client, stop: stopDynalite } = await startDynalite());
  world = await startControlWorld(client);
  local = await startControlWorld(client, { areLocalWebhooksAllowed: true });
  token = await world.key();
  resend = new Resend(token, { baseUrl: world.url });
});
after(async () => {
  await Promise.all([world.stop(), local.stop()]);
  await stopDynalite();
});
beforeEach(async () => {
  world.time.nowEpochMs = NOON;
  for (const { webhookId } of await world.webhooks.list('default'))
    await world.webhooks.delete('default', webhookId);
});

/** Checked by the compiler: the contract has no type that is not in our list. */
const ourTypeOf = (type: WebhookEvent): (typeof EVENT_TYPES)[number] => type;

const ask = (method: string, path: string, body?: unknown) => world.request(method, path, token, body);

async function create(overrides: Record<string, unknown> = {}): Promise<string> {
  const answer = await ask('POST', '/webhooks', {
    ...{ endpoint: ENDPOINT, events: ['email.delivered'] },
    ...overrides,
  });
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return String(answer.body.id);
}

const show = async (id: string) => (await ask('GET', `/webhooks/${id}`)).body;
const secretsOf = async (id: string) => (await world.webhooks.get('default', id))?.secrets ?? [];

describe('a webhook', () => {
  test('a webhook is made, shown, listed, changed, rotated and removed through the SDK', async () => {
    const made = await resend.webhooks.create({
      endpoint: ENDPOINT,
      events: ['email.sent', 'email.bounced'],
    });
    assert.equal(made.error, null);
    const { id = '', signing_secret: secret = '' } = made.data ?? {};
    assert.deepEqual(made.data, { object: 'webhook', id, signing_secret: secret });
    assert.match(secret, SECRET);

    const item = {
      ...{ id, endpoint: ENDPOINT, created_at: new Date(NOON).toISOString(), status: 'enabled' },
      ...{ events: ['email.sent', 'email.bounced'], disabled_reason: null },
    };
    const shown = await resend.webhooks.get(id);
    assert.deepEqual(shown.data, { object: 'webhook', ...item, signing_secret: secret });
    const list = await resend.webhooks.list();
    assert.deepEqual(list.data, { object: 'list', has_more: false, data: [item] });

    const changes = { endpoint: `${ENDPOINT}/2`, events: ['email.opened'], status: 'disabled' } as const;
    const changed = await resend.webhooks.update(id, { ...changes, events: [...changes.events] });
    assert.deepEqual(changed.data, { object: 'webhook', id });
    const after = await resend.webhooks.get(id);
    assert.deepEqual(after.data, { object: 'webhook', ...item, ...changes, signing_secret: secret });

    const rotated = await resend.webhooks.rotateSigningSecret(id);
    assert.match(rotated.data?.signing_secret ?? '', SECRET);
    assert.notEqual(rotated.data?.signing_secret, secret);
    assert.equal((await resend.webhooks.get(id)).data?.signing_secret, rotated.data?.signing_secret);

    const removed = await resend.webhooks.remove(id);
    assert.deepEqual(removed.data, { object: 'webhook', id, deleted: true });
    assert.equal((await resend.webhooks.get(id)).error?.name, 'not_found');
    assert.deepEqual((await resend.webhooks.list()).data?.data, []);
  });

  test('a webhook is created with 201, and changed with 200', async () => {
    const body = { endpoint: ENDPOINT, events: ['email.sent'] };
    const { status, body: made } = await ask('POST', '/webhooks', body);
    assert.equal(status, 201);
    assert.equal((await ask('PATCH', `/webhooks/${made.id}`, { status: 'disabled' })).status, 200);
    assert.equal((await ask('POST', `/webhooks/${made.id}/signing-secret/rotate`, {})).status, 200);
  });

  test('subscribes to each event once, in the order given', async () => {
    const id = await create({ events: ['email.sent', 'domain.created', 'email.sent'] });
    assert.deepEqual((await show(id)).events, ['email.sent', 'domain.created']);
  });

  test('subscribes to every type of the contract and to ours', async () => {
    for (const type of PUBLISHED_EVENT_TYPES) assert.ok(EVENT_TYPES.includes(type), type);
    assert.ok(EVENT_TYPES.includes(ourTypeOf('inbox.draft.deleted')));
    const id = await create({ events: EVENT_TYPES });
    assert.deepEqual((await show(id)).events, EVENT_TYPES);
  });

  test('a webhook does not change where no field is given, with anything else in the body', async () => {
    const id = await create();
    const before = await show(id);
    for (const body of [undefined, {}, { webhook_id: id, id }, { endpoint: null, events: null }]) {
      const answer = await ask('PATCH', `/webhooks/${id}`, body);
      assert.deepEqual([answer.status, answer.body], [200, { object: 'webhook', id }]);
    }
    assert.deepEqual(await show(id), before);
  });

  test('a webhook that we have disabled says why, until it is enabled', async () => {
    const id = await create();
    await world.webhooks.update('default', id, { status: 'disabled', disabledReason: 'gone' });
    assert.deepEqual([(await show(id)).status, (await show(id)).disabled_reason], ['disabled', 'gone']);
    await ask('PATCH', `/webhooks/${id}`, { events: ['email.sent'] });
    assert.equal((await show(id)).disabled_reason, 'gone');
    await ask('PATCH', `/webhooks/${id}`, { status: 'enabled' });
    assert.deepEqual([(await show(id)).status, (await show(id)).disabled_reason], ['enabled', null]);
  });

  test('the health of a webhook is forgotten once it is enabled or has another endpoint', async () => {
    const known = { isQuick: false, failures: 7, failingSinceEpochMs: 1, lastFailureEpochMs: 2 };
    const failuresAfter = async (body: object) => {
      const id = await create();
      await world.webhookHealth.change(id, () => ({ answer: undefined, state: known }));
      await ask('PATCH', `/webhooks/${id}`, body);
      return (await world.webhookHealth.find(id)).failures;
    };
    assert.equal(await failuresAfter({ status: 'enabled' }), 0);
    assert.equal(await failuresAfter({ endpoint: 'https://corrected.example.com/' }), 0);
    assert.equal(await failuresAfter({ events: ['email.sent'] }), 7);
    assert.equal(await failuresAfter({ status: 'disabled' }), 7);
  });

  test('a tenant has fifty webhooks at most', async () => {
    for (let count = 0; count < 49; count++) await create();
    const last = await create();
    const refused = await ask('POST', '/webhooks', { endpoint: ENDPOINT, events: ['email.sent'] });
    assert.deepEqual([refused.status, refused.body.name], [422, 'validation_error']);
    assert.match(refused.body.message, /50 webhooks/);
    await ask('DELETE', `/webhooks/${last}`);
    await create();
  });
});

describe('a list of webhooks', () => {
  test('a list of webhooks is whole and newest first, and comes in pages where it is asked to', async () => {
    const ids: string[] = [];
    for (let count = 0; count < 5; count++) ids.unshift(await create());
    const idsOf = async (query: string) => {
      const { body } = await ask('GET', `/webhooks${query}`);
      return [(body.data as { id: string }[]).map(({ id }) => id), body.has_more];
    };
    assert.deepEqual(await idsOf(''), [ids, false]);
    assert.deepEqual(await idsOf('?limit=2'), [ids.slice(0, 2), true]);
    assert.deepEqual(await idsOf(`?limit=2&after=${ids[1]}`), [ids.slice(2, 4), true]);
    assert.deepEqual(await idsOf(`?after=${ids[3]}`), [ids.slice(4), false]);
    assert.deepEqual(await idsOf(`?limit=2&before=${ids[3]}`), [ids.slice(1, 3), true]);
  });

  test('a list of webhooks tells no secret', async () => {
    await create();
    assert.doesNotMatch(JSON.stringify((await ask('GET', '/webhooks')).body), /whsec_|secret/);
  });
});

describe('a signing secret', () => {
  const rotate = (id: string) => ask('POST', `/webhooks/${id}/signing-secret/rotate`);

  test('a secret signs for 24 hours beside the one that has replaced it, and drops out at a later rotation', async () => {
    const id = await create();
    const first = (await show(id)).signing_secret;
    const second = (await rotate(id)).body.signing_secret;
    assert.deepEqual(await secretsOf(id), [
      { secret: second },
      { secret: first, validUntilEpochMs: NOON + 24 * HOUR_MS },
    ]);
    world.time.nowEpochMs += 24 * HOUR_MS;
    const third = (await rotate(id)).body.signing_secret;
    assert.deepEqual(await secretsOf(id), [
      { secret: third },
      { secret: second, validUntilEpochMs: NOON + 48 * HOUR_MS },
    ]);
  });

  test('a webhook has at most five valid signing secrets', async () => {
    const id = await create();
    for (let count = 0; count < 4; count++) {
      world.time.nowEpochMs += HOUR_MS;
      assert.equal((await rotate(id)).status, 200);
    }
    const before = await secretsOf(id);
    const refused = await rotate(id);
    assert.deepEqual([refused.status, refused.body.name], [422, 'validation_error']);
    assert.match(refused.body.message, /5 secrets .* until 2026-11-24T13:00:00\.000Z/);
    assert.deepEqual(await secretsOf(id), before);
    world.time.nowEpochMs = NOON + 25 * HOUR_MS;
    assert.equal((await rotate(id)).status, 200);
  });

  test('a signing secret that was told is kept, also where two rotate at once', async () => {
    const id = await create();
    const answers = await Promise.all([rotate(id), rotate(id)]);
    const told = answers.map(({ body }) => body.signing_secret as string);
    assert.deepEqual(
      (await secretsOf(id))
        .slice(0, 2)
        .map(({ secret }) => secret)
        .sort(),
      told.sort(),
    );
  });

  test('a rotation that loses every race is a 503 that asks to come back, and changes nothing', async (t) => {
    const id = await create();
    const before = await secretsOf(id);
    const update = t.mock.method(world.webhooks, 'update', async () => undefined);
    const answer = await rotate(id);
    assert.deepEqual([answer.status, answer.headers.get('retry-after')], [503, '2']);
    assert.equal(update.mock.callCount(), 3);
    assert.deepEqual(await secretsOf(id), before);
  });
});

describe('refusals', () => {
  const valid = { endpoint: ENDPOINT, events: ['email.sent'] };

  test('refusals name what is wrong, and store nothing', async () => {
    const refusals = [
      ['{"endpoint":', 400, 'validation_error', /JSON/],
      [[], 422, 'validation_error', /JSON object/],
      [{}, 422, 'missing_required_field', /Missing `endpoint` field/],
      [{ ...valid, endpoint: '' }, 422, 'missing_required_field', /Missing `endpoint` field/],
      [{ ...valid, endpoint: 7 }, 422, 'validation_error', /must be a string/],
      [{ ...valid, endpoint: 'hooks' }, 422, 'validation_error', /is not a URL/],
      [{ ...valid, endpoint: 'http://hooks.example.com/' }, 422, 'validation_error', /does not use https/],
      [{ ...valid, endpoint: 'https://10.0.0.1/' }, 422, 'validation_error', /an address that is private/],
      [{ ...valid, endpoint: 'https://db.internal/' }, 422, 'validation_error', /a public host/],
      [{ ...valid, endpoint: 'http://localhost:4000/' }, 422, 'validation_error', /does not use https/],
      [{ ...valid, endpoint: 'https://hooks.example.com:80/' }, 422, 'validation_error', /443 or 8443/],
      [{ endpoint: ENDPOINT }, 422, 'missing_required_field', /Missing `events` field/],
      [{ ...valid, events: [] }, 422, 'validation_error', /at least one/],
      [{ ...valid, events: 'email.sent' }, 422, 'validation_error', /must be an array/],
      [{ ...valid, events: [7] }, 422, 'validation_error', /a number, which is no event type/],
      [{ ...valid, events: ['email.sent', 'email.read'] }, 422, 'validation_error', /`email\.read`/],
      [{ ...valid, events: ['Email.Sent'] }, 422, 'validation_error', /There are: email\.scheduled/],
    ] as const;
    for (const [body, status, name, message] of refusals) {
      const answer = await ask('POST', '/webhooks', body);
      assert.deepEqual([answer.status, answer.body.name], [status, name], JSON.stringify(body));
      assert.match(answer.body.message, message);
    }
    assert.deepEqual(await world.webhooks.list('default'), []);
  });

  test('a refused change leaves the webhook as it was', async () => {
    const id = await create();
    const before = await show(id);
    for (const [body, name] of [
      [{ endpoint: 'http://hooks.example.com/' }, 'validation_error'],
      [{ endpoint: `${ENDPOINT}/3`, events: [] }, 'validation_error'],
      [{ endpoint: `${ENDPOINT}/3`, events: ['email.read'] }, 'validation_error'],
      [{ endpoint: `${ENDPOINT}/3`, status: 'paused' }, 'validation_error'],
    ] as const) {
      const answer = await ask('PATCH', `/webhooks/${id}`, body);
      assert.deepEqual([answer.status, answer.body.name], [422, name], JSON.stringify(body));
    }
    assert.deepEqual(await show(id), before);
  });

  test('refusals tell an id that is none from a webhook that is not there', async () => {
    for (const [method, path] of [
      ['GET', ''],
      ['PATCH', ''],
      ['DELETE', ''],
      ['POST', '/signing-secret/rotate'],
      ['POST', '/replay'],
      ['GET', '/events'],
    ] as const) {
      const wrong = await ask(method, `/webhooks/nonsense${path}`);
      assert.deepEqual([wrong.status, wrong.body.name], [422, 'invalid_parameter'], method);
      const unknown = await ask(method, `/webhooks/${anId(NOON, 404)}${path}`);
      assert.deepEqual([unknown.status, unknown.body.message], [404, 'Webhook not found'], method);
    }
    assert.equal((await ask('PUT', `/webhooks/${anId()}`)).status, 405);
    assert.equal((await ask('GET', `/webhooks/${anId()}/signing-secret`)).status, 404);
  });

  test('refusals are for keys that may only send, too', async () => {
    const sending = await world.key({ permission: 'sending_access' });
    const answer = await world.request('GET', '/webhooks', sending);
    assert.deepEqual([answer.status, answer.body.name], [401, 'restricted_api_key']);
  });
});

test('an endpoint on this machine is taken in the local cloud alone', async () => {
  const body = { endpoint: 'http://localhost:4000/hook', events: ['email.sent'] };
  assert.equal((await local.request('POST', '/webhooks', token, body)).status, 201);
  assert.equal((await ask('POST', '/webhooks', body)).status, 422);
  const inside = { ...body, endpoint: 'http://169.254.169.254/' };
  assert.equal((await local.request('POST', '/webhooks', token, inside)).status, 422);
});
