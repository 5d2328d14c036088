import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { domainIdOf } from '../../../../shared/domains/domain-id.ts';
import { startDynalite } from '../../../support/aws/dynalite.ts';
import { type ControlWorld, startControlWorld } from '../../../support/control-api/control-world.ts';
import { anIdentity } from '../../../support/domains/domain-world.ts';
import { anId } from '../../../support/messages/message-builders.ts';

let client: DynamoDBClient;
let stopDynalite: () => Promise<void>;
let world: ControlWorld;
let token: string;
let theirs: string;
let count = 0;

before(async () => {
  ({ client, stop: stopDynalite } = await startDynalite());
  world = await startControlWorld(client, { sendingDomains: ['example.com'] });
  token = await world.key();
  theirs = await world.key({ apiKeyId: anId(0, 99), tenant: 'somebody-else' });
});
after(async () => {
  await world.stop();
  await stopDynalite();
});
beforeEach(() => {
  world.identities.calls.length = 0;
  world.identities.failing.clear();
});

const ask = (method: string, path: string, body?: unknown) => world.request(method, path, token, body);
const askAsThem = (method: string, path: string, body?: unknown) => world.request(method, path, theirs, body);
const freshName = () => `domain-${++count}.test`;

async function make(name = freshName(), fields = {}): Promise<{ id: string; name: string }> {
  const { status, body } = await ask('POST', '/domains', { name, ...fields });
  assert.equal(status, 201, JSON.stringify(body));
  return { id: body.id, name };
}

const catalogText = async () =>
  JSON.stringify((await client.send(new ScanCommand({ TableName: 'catalog' }))).Items);

const MINUTE = 60_000;

describe('a new domain', () => {
  test('a new domain gets an identity with a MAIL FROM and without copies of bounces, and its records', async () => {
    const { status, body } = await ask('POST', '/domains', { name: 'New.test', custom_return_path: 'out' });
    assert.equal(status, 201);
    assert.deepEqual([body.id, body.name, body.status], [domainIdOf('new.test'), 'new.test', 'not_started']);
    assert.deepEqual(world.identities.calls, [
      'create new.test',
      'stopForwarding new.test',
      'setMailFrom new.test',
    ]);
    assert.ok(body.records.some(({ full_name }: { full_name: string }) => full_name === 'out.new.test'));
  });

  test('a new domain that the account has already is adopted as it is, and stays when it is deleted', async () => {
    const mailFrom = { domain: 'bounce.had.test', check: 'success' } as const;
    world.identities.byName.set('had.test', anIdentity('success', { mailFrom }));
    const { id } = await make('had.test');
    assert.deepEqual(world.identities.calls, ['create had.test', 'get had.test']);
    assert.equal((await ask('GET', `/domains/${id}`)).body.status, 'verified');

    assert.equal((await ask('DELETE', `/domains/${id}`)).status, 200);
    assert.ok(world.identities.byName.has('had.test'));
  });

  test('a domain whose making was cut off goes on when it is asked for again', async () => {
    const name = freshName();
    world.identities.failing.add('setMailFrom');
    const cut = await ask('POST', '/domains', { name });
    assert.deepEqual([cut.status, cut.body.name], [503, 'application_error']);
    world.identities.failing.clear();
    const { id } = await make(name);
    assert.equal((await ask('DELETE', `/domains/${id}`)).status, 200);
    assert.ok(!world.identities.byName.has(name), 'it was ours all along');
  });

  test('a domain is refused a second time, and where it stands in the config', async () => {
    const { name } = await make();
    for (const taken of [name, 'example.com']) {
      const { status, body } = await ask('POST', '/domains', { name: taken });
      assert.deepEqual([status, body.name], [403, 'validation_error']);
    }
  });

  test('a tenant adds no domain of another tenant, nor one that the account had before', async () => {
    const { name } = await make();
    assert.equal((await askAsThem('POST', '/domains', { name })).status, 403);

    world.identities.byName.set('operator.test', anIdentity('success'));
    assert.equal((await askAsThem('POST', '/domains', { name: 'operator.test' })).status, 403);
    assert.equal((await ask('POST', '/domains', { name: 'operator.test' })).status, 201);
  });

  test('a domain with a wrong field is refused with nothing stored and SES not asked', async () => {
    const before = await catalogText();
    for (const body of ['{', '[]', {}, { name: 'x' }, { name: 'a.test', region: 'eu-west-1' }]) {
      const answer = await ask('POST', '/domains', body);
      assert.ok(answer.status === 422 || answer.status === 400, JSON.stringify(body));
    }
    assert.equal(await catalogText(), before);
    assert.deepEqual(world.identities.calls, []);
  });
});

describe('a domain', () => {
  test('a domain is shown without asking SES while its answer is fresh, and anew after five minutes', async () => {
    const { id, name } = await make();
    world.identities.byName.set(name, anIdentity('success'));
    world.identities.calls.length = 0;
    assert.equal((await ask('GET', `/domains/${id}`)).body.status, 'not_started');
    assert.deepEqual(world.identities.calls, []);
    world.time.nowEpochMs += 5 * MINUTE + 1;
    assert.equal((await ask('GET', `/domains/${id}`)).body.status, 'verified');

    world.identities.byName.set(name, anIdentity('failed'));
    world.time.nowEpochMs += 5 * MINUTE + 1;
    assert.equal((await ask('GET', `/domains/${id}`)).body.status, 'failed');
  });

  test('a domain is shown as it was where SES does not answer', async () => {
    const { id } = await make();
    world.time.nowEpochMs += 5 * MINUTE + 1;
    world.identities.failing.add('get');
    const { status, body } = await ask('GET', `/domains/${id}`);
    assert.deepEqual([status, body.status], [200, 'not_started']);
  });

  test('a domain of another tenant is neither shown, listed, changed, verified, deleted nor bound to a key', async () => {
    const { id, name } = await make();
    for (const [method, path] of [
      ['GET', `/domains/${id}`],
      ['PATCH', `/domains/${id}`],
      ['POST', `/domains/${id}/verify`],
      ['DELETE', `/domains/${id}`],
    ] as const)
      assert.equal((await askAsThem(method, path)).status, 404, path);
    assert.ok(!JSON.stringify((await askAsThem('GET', '/domains')).body).includes(name));
    const key = { name: 'k', permission: 'sending_access', domain_id: id };
    assert.equal((await askAsThem('POST', '/api-keys', key)).status, 404);
    assert.equal((await ask('POST', '/api-keys', key)).status, 201);
  });

  test('a domain is changed in what is named, and refused with nothing changed', async () => {
    const { id } = await make(undefined, { open_tracking: true });
    const path = `/domains/${id}`;
    const changed = await ask('PATCH', path, {
      click_tracking: true,
      tracking_subdomain: 'links',
      id: 'else',
    });
    assert.deepEqual(changed.body, { object: 'domain', id });
    const { open_tracking, click_tracking, tracking_subdomain } = (await ask('GET', path)).body;
    assert.deepEqual([open_tracking, click_tracking, tracking_subdomain], [true, true, 'links']);

    const before = await catalogText();
    for (const body of [{ tls: 'no' }, { tracking_subdomain: 'send' }, { capabilities: [] }, '7'])
      assert.equal((await ask('PATCH', path, body)).status, 422);
    assert.equal(await catalogText(), before);
  });

  test('a domain is deleted with the identity that was made for it, and is then unknown', async () => {
    const { id, name } = await make();
    assert.deepEqual((await ask('DELETE', `/domains/${id}`)).body, { object: 'domain', id, deleted: true });
    assert.ok(!world.identities.byName.has(name));
    assert.equal((await ask('GET', `/domains/${id}`)).status, 404);
    assert.equal((await ask('DELETE', `/domains/${id}`)).status, 404);
  });

  test('a domain is not found by an id that is none', async () => {
    const { status, body } = await ask('GET', '/domains/acme');
    assert.deepEqual([status, body.name], [422, 'invalid_parameter']);
  });
});

describe('verifying', () => {
  test('verifying says of each record what is wrong with it, and what stands there', async () => {
    const { id, name } = await make();
    world.dns.set(`CNAME one._domainkey.${name}`, 'elsewhere.test');
    world.dns.set(`CNAME two._domainkey.${name}`, 'two.dkim.amazonses.com');
    world.dns.fail(`CNAME three._domainkey.${name}`, 'timed out');
    const { body } = await ask('POST', `/domains/${id}/verify`);
    assert.deepEqual([body.object, body.id, body.status], ['domain', id, 'pending']);
    const seen = body.records
      .slice(0, 4)
      .map((record: { status: string; dns: unknown }) => [record.status, record.dns]);
    assert.deepEqual(seen, [
      ['failed', { result: 'wrong', found: ['elsewhere.test'] }],
      ['pending', { result: 'right', found: ['two.dkim.amazonses.com'] }],
      ['pending', { result: 'unknown', found: ['timed out'] }],
      ['failed', { result: 'missing', found: [] }],
    ]);
    assert.deepEqual((await ask('GET', `/domains/${id}`)).body.records, body.records);
  });

  test('verifying begins again what SES has given up', async () => {
    const { id, name } = await make();
    world.identities.byName.set(name, anIdentity('failed'));
    await ask('POST', `/domains/${id}/verify`);
    assert.ok(world.identities.calls.includes(`restartDkim ${name}`));
    assert.equal((await ask('GET', `/domains/${id}`)).body.status, 'pending');
  });

  test('verifying makes an identity again that was deleted behind its back', async () => {
    const { id, name } = await make();
    world.identities.byName.delete(name);
    await ask('POST', `/domains/${id}/verify`);
    assert.equal(world.identities.byName.get(name)?.mailFrom?.domain, `send.${name}`);
  });

  test('verifying is not done where SES cannot be asked', async () => {
    const { id } = await make();
    world.identities.failing.add('get');
    const { status, body } = await ask('POST', `/domains/${id}/verify`);
    assert.deepEqual([status, body.name], [503, 'application_error']);
  });
});

describe('a domain of the config', () => {
  const id = domainIdOf('example.com');

  test('a domain of the config is shown and listed for every tenant, and asks SES once', async () => {
    for (const seen of [await ask('GET', '/domains'), await askAsThem('GET', '/domains')]) {
      const own = seen.body.data.find((each: { id: string }) => each.id === id);
      assert.deepEqual([own.name, own.status], ['example.com', 'verified']);
    }
    assert.ok(world.identities.calls.length <= 1);
    assert.equal((await ask('GET', `/domains/${id}`)).body.records.length, 6);
    assert.equal((await ask('POST', `/domains/${id}/verify`)).status, 200);
  });

  test('a domain of the config is changed and taken out in the config alone', async () => {
    for (const [method, body] of [
      ['PATCH', { open_tracking: true }],
      ['DELETE', undefined],
    ] as const) {
      const answer = await ask(method, `/domains/${id}`, body);
      assert.deepEqual([answer.status, answer.body.name], [403, 'validation_error']);
      assert.match(answer.body.message, /postlane\.config\.ts/);
    }
  });
});

test('the list of domains comes in pages, newest first and the config last', async () => {
  world.time.nowEpochMs += MINUTE;
  const { id: older } = await make();
  world.time.nowEpochMs += MINUTE;
  const { id: newer } = await make();
  const whole = (await ask('GET', '/domains')).body;
  assert.deepEqual([whole.data[0].id, whole.data[1].id], [newer, older]);
  assert.equal(whole.data.at(-1).name, 'example.com');
  assert.ok(!('records' in whole.data[0]));
  const page = (await ask('GET', `/domains?limit=1&after=${newer}`)).body;
  assert.deepEqual([page.data[0].id, page.data.length, page.has_more], [older, 1, true]);
});
