import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { verifyToken } from '../../../../shared/access/api-key-token.ts';
import { startDynalite } from '../../../support/aws/dynalite.ts';
import { type ControlWorld, SECRET, startControlWorld } from '../../../support/control-api/control-world.ts';
import { aStream, buildStreams, TENANTS } from '../../../support/streams/stream-builders.ts';

const streams = buildStreams([aStream(), aStream({ name: 'news', ratePercent: 30 })], {
  ...TENANTS,
  dailyRecipients: 500,
});

describe('tenants', () => {
  let client: DynamoDBClient;
  let world: ControlWorld;
  let stopDynalite: () => Promise<void>;
  let operator: string;

  before(async () => {
    ({ client, stop: stopDynalite } = await startDynalite());
    world = await startControlWorld(client, { streams });
    operator = await world.key();
  });
  after(async () => {
    await world.stop();
    await stopDynalite();
  });

  const ask = async (method: string, path: string, body?: unknown, token = operator) => {
    const answer = await world.request(method, path, token, body);
    // biome-ignore lint/suspicious/noExplicitAny: answers are read as a caller would read JSON
    return { status: answer.status, body: answer.body as any };
  };

  test('tenants are made, shown and listed, and told to SES with everything they may send with', async () => {
    const { status, body } = await ask('POST', '/tenants', { name: 'acme' });
    assert.equal(status, 201);
    assert.deepEqual(body, {
      ...{ object: 'tenant', name: 'acme', created_at: new Date(world.time.nowEpochMs).toISOString() },
      ...{ status: 'active', reason: null, paused_by: null, since: null },
      ...{ daily_recipients: 500, used_today: 0 },
      reputation: {
        ...{ standing: 'ok', reason: 'bounce_rate: 0.00 % of the last 1000, line 4 %' },
        ...{ sent: 0, bounced: 0, complained: 0, bounce_percent: 0, complaint_percent: 0 },
      },
    });
    assert.deepEqual((await ask('GET', '/tenants/acme')).body, body);
    const list = (await ask('GET', '/tenants')).body;
    assert.deepEqual([list.object, list.has_more, list.data.length], ['list', false, 1]);
    assert.deepEqual(
      [...(world.sesTenants.resources.get('acme') ?? [])].map((arn) => arn.split(':').at(-1)).sort(),
      ['configuration-set/news', 'configuration-set/transactional', 'identity/example.com'],
    );
  });

  test("tenants have a quota of their own, or the config's", async () => {
    await ask('POST', '/tenants', { name: 'small', daily_recipients: 3 });
    assert.equal((await ask('GET', '/tenants/small')).body.daily_recipients, 3);
    assert.equal((await ask('PATCH', '/tenants/small', { daily_recipients: 7 })).body.daily_recipients, 7);
    const none = { daily_recipients: null };
    assert.equal((await ask('PATCH', '/tenants/small', none)).body.daily_recipients, 500);
  });

  test('tenants are paged by name', async () => {
    for (const name of ['page-1', 'page-2', 'page-3']) await ask('POST', '/tenants', { name });
    const namesOf = async (query: string) =>
      (await ask('GET', `/tenants?${query}`)).body.data.map(({ name }: { name: string }) => name);
    assert.deepEqual(await namesOf('limit=2&after=page-1'), ['page-2', 'page-3']);
    assert.deepEqual(await namesOf('limit=1&before=page-2'), ['page-1']);
    assert.equal((await ask('GET', '/tenants?after=nobody')).status, 422);
  });

  test('tenants are paused and resumed', async () => {
    await ask('POST', '/tenants', { name: 'loud' });
    const paused = (await ask('PATCH', '/tenants/loud', { status: 'paused' })).body;
    assert.deepEqual([paused.status, paused.paused_by], ['paused', 'operator']);
    assert.match(paused.reason, /^paused with the API key /);
    const active = (await ask('PATCH', '/tenants/loud', { status: 'active' })).body;
    assert.deepEqual([active.status, active.reason], ['active', null]);
  });

  test('tenants stay held by SES, even if the operator lets them go', async () => {
    await ask('POST', '/tenants', { name: 'stopped' });
    world.sesTenants.disabled.add('stopped');
    await ask('PATCH', '/tenants/stopped', { status: 'paused' });
    const { status, paused_by } = (await ask('PATCH', '/tenants/stopped', { status: 'active' })).body;
    assert.deepEqual([status, paused_by], ['paused', 'ses']);
    world.sesTenants.disabled.clear();
    assert.equal((await ask('PATCH', '/tenants/stopped', { status: 'active' })).body.status, 'active');
  });

  test('tenants have keys, made by the operator first and by themselves after that', async () => {
    await ask('POST', '/tenants', { name: 'keyed' });
    const { body } = await ask('POST', '/api-keys', { name: 'first', tenant: 'keyed' });
    assert.equal(verifyToken(body.token, SECRET)?.tenant, 'keyed');
    const second = await ask('POST', '/api-keys', { name: 'second' }, body.token);
    assert.equal(verifyToken(second.body.token, SECRET)?.tenant, 'keyed');
    const names = (await ask('GET', '/api-keys', undefined, body.token)).body.data;
    assert.deepEqual(names.map((each: { name: string }) => each.name).sort(), ['first', 'second']);
    assert.ok(!JSON.stringify((await ask('GET', '/api-keys')).body).includes('first'));
  });

  for (const [title, body, expected] of [
    ['a name with capitals', { name: 'Acme' }, /lower-case/],
    ['the name of the operator', { name: 'default' }, /not `default`/],
    ['a name with a slash', { name: 'a/b' }, /lower-case/],
    ['a name of 65 characters', { name: 'a'.repeat(65) }, /1 to 64/],
    ['no name', {}, /name/],
    ['a quota of half a mail', { name: 'half', daily_recipients: 0.5 }, /whole number from 0/],
    ['a quota below nothing', { name: 'half', daily_recipients: -1 }, /whole number from 0/],
    ['a quota in words', { name: 'half', daily_recipients: 'many' }, /whole number from 0/],
  ] as const) {
    test(`refuses to make a tenant with ${title}`, async () => {
      const { status, body: answer } = await ask('POST', '/tenants', body);
      assert.equal(status, 422);
      assert.match(answer.message, expected);
      assert.equal((await ask('GET', '/tenants/half')).status, 404);
    });
  }

  test('a tenant is made once', async () => {
    await ask('POST', '/tenants', { name: 'twice' });
    const { status, body } = await ask('POST', '/tenants', { name: 'twice', daily_recipients: 1 });
    assert.deepEqual([status, body.message], [403, 'The tenant twice exists already.']);
    assert.equal((await ask('GET', '/tenants/twice')).body.daily_recipients, 500);
  });

  test('a tenant that is not there is a 404, or a 422 in an API key', async () => {
    assert.equal((await ask('GET', '/tenants/nobody')).status, 404);
    assert.equal((await ask('PATCH', '/tenants/nobody', { status: 'paused' })).status, 404);
    const { status, body } = await ask('POST', '/api-keys', { name: 'x', tenant: 'nobody' });
    assert.deepEqual(
      [status, body.message],
      [422, 'There is no tenant `nobody`; make it with POST /tenants.'],
    );
    assert.equal((await ask('PATCH', '/tenants/acme', {})).status, 422);
    assert.equal((await ask('PATCH', '/tenants/acme', { status: 'gone' })).status, 422);
  });

  test('tenants are kept where SES cannot be told of them now', async () => {
    world.sesTenants.state.isDown = true;
    const { status, body } = await ask('POST', '/tenants', { name: 'later' });
    world.sesTenants.state.isDown = false;
    assert.equal(status, 503);
    assert.match(body.message, /later exists; SES will be told/);
    assert.equal((await ask('GET', '/tenants/later')).status, 200);
  });

  test('tenants send from domains of their own, which SES lets go of with the domain', async () => {
    await ask('POST', '/tenants', { name: 'owner' });
    const { token } = (await ask('POST', '/api-keys', { name: 'k', tenant: 'owner' })).body;
    const { body } = await ask('POST', '/domains', { name: 'owner.example.org' }, token);
    const arn = 'arn:aws:ses:us-east-1:123456789012:identity/owner.example.org';
    assert.ok(world.sesTenants.resources.get('owner')?.has(arn));
    assert.equal((await ask('GET', `/domains/${body.id}`)).status, 404, "not the operator's");
    assert.equal((await ask('DELETE', `/domains/${body.id}`, undefined, token)).status, 200);
    assert.ok(!world.sesTenants.resources.get('owner')?.has(arn));
  });

  test('a tenant gets its domain, and what SES could not be told is left to the sweep', async () => {
    await ask('POST', '/tenants', { name: 'patient' });
    const { token } = (await ask('POST', '/api-keys', { name: 'k', tenant: 'patient' })).body;
    world.sesTenants.state.isDown = true;
    const { status, body } = await ask('POST', '/domains', { name: 'patient.example.org' }, token);
    world.sesTenants.state.isDown = false;
    assert.equal(status, 201);
    assert.equal((await ask('GET', `/domains/${body.id}`, undefined, token)).status, 200);
    assert.match(world.lines.join(), /tenant_not_completed/);
  });

  test('a tenant gets the domain of a request that was cut off, and none that the account has verified', async () => {
    await ask('POST', '/tenants', { name: 'cut-off' });
    const { token } = (await ask('POST', '/api-keys', { name: 'k', tenant: 'cut-off' })).body;
    await world.identities.port.create('begun.example.org');
    assert.equal((await ask('POST', '/domains', { name: 'begun.example.org' }, token)).status, 201);
    await world.identities.port.create('proven.example.org');
    world.identities.change('proven.example.org', { isVerifiedForSending: true });
    assert.equal((await ask('POST', '/domains', { name: 'proven.example.org' }, token)).status, 403);
  });

  test('tenants look at domains of the config and do not act on them', async () => {
    await ask('POST', '/tenants', { name: 'looker' });
    const { token } = (await ask('POST', '/api-keys', { name: 'k', tenant: 'looker' })).body;
    const [shared] = (await ask('GET', '/domains', undefined, token)).body.data;
    assert.equal(shared.name, 'example.com');
    const before = world.identities.calls.length;
    assert.equal((await ask('POST', `/domains/${shared.id}/verify`, undefined, token)).status, 200);
    assert.equal((await ask('DELETE', `/domains/${shared.id}`, undefined, token)).status, 403);
    assert.equal(world.identities.calls.length, before, 'SES was not asked');
  });

  test('tenants do not see what all of them share', async () => {
    await ask('POST', '/tenants', { name: 'curious' });
    const { token } = (await ask('POST', '/api-keys', { name: 'k', tenant: 'curious' })).body;
    for (const [method, path] of [
      ['GET', '/streams'],
      ['GET', '/streams/news'],
      ['PATCH', '/streams/news'],
      ['GET', '/tenants'],
      ['GET', '/tenants/curious'],
      ['PATCH', '/tenants/curious'],
      ['POST', '/tenants'],
      ['DELETE', '/tenants'],
      ['PUT', '/streams/news'],
    ] as const) {
      const answer = await ask(method, path, method === 'GET' ? undefined : { status: 'paused' }, token);
      assert.deepEqual([answer.status, answer.body.name], [404, 'not_found'], `${method} ${path}`);
    }
    const foreign = await ask('POST', '/api-keys', { name: 'x', tenant: 'acme' }, token);
    assert.equal(foreign.status, 422);
    assert.equal((await ask('POST', '/api-keys', { name: 'x', tenant: 'default' }, token)).status, 422);
  });
});

describe('without tenants in the config', () => {
  test('tenants do not show without the config, and their keys do not let in', async () => {
    const { client, stop } = await startDynalite();
    const world = await startControlWorld(client, { streams: buildStreams() });
    try {
      const operator = await world.key();
      for (const [method, path] of [
        ['GET', '/tenants'],
        ['POST', '/tenants'],
        ['GET', '/tenants/acme'],
      ] as const) {
        const body = method === 'POST' ? { name: 'acme' } : undefined;
        assert.equal((await world.request(method, path, operator, body)).status, 404);
      }
      const made = await world.request('POST', '/api-keys', operator, { name: 'k', tenant: 'acme' });
      const { token } = made.body as { token: string };
      assert.equal(verifyToken(token, SECRET)?.tenant, 'default');
      const left = await world.key({ tenant: 'acme' });
      assert.equal((await world.request('GET', '/emails', left)).status, 403);
    } finally {
      await world.stop();
      await stop();
    }
  });
});
