import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { Resend } from 'resend';
import { createApiKeysTable } from '../../../../shared/access/adapters/api-keys-table.ts';
import { verifyToken } from '../../../../shared/access/api-key-token.ts';
import { domainIdOf } from '../../../../shared/domains/domain-id.ts';
import { BOOTSTRAP_TOKEN_KEY } from '../../../../shared/resources.ts';
import { startDynalite } from '../../../support/aws/dynalite.ts';
import { type ControlWorld, SECRET, startControlWorld } from '../../../support/control-api/control-world.ts';
import { anId } from '../../../support/messages/message-builders.ts';

let client: DynamoDBClient;
let world: ControlWorld;
let stopDynalite: () => Promise<void>;
let token: string;
let resend: Resend;

before(async () => {
  ({ client, stop: stopDynalite } = await startDynalite());
  world = await startControlWorld(client, { sendingDomains: ['example.com', 'mail.example.org'] });
  token = await world.key({ name: 'first' });
  resend = new Resend(token, { baseUrl: world.url });
});
after(async () => {
  await world.stop();
  await stopDynalite();
});

const catalogText = async () =>
  JSON.stringify((await client.send(new ScanCommand({ TableName: 'catalog' }))).Items);
const namesOf = async () => (await resend.apiKeys.list()).data?.data.map(({ name }) => name);

describe('an API key', () => {
  test('an API key is made, used, listed, renamed and deleted through the SDK', async () => {
    world.time.nowEpochMs += 1_000;
    const made = await resend.apiKeys.create({ name: 'Shop 🛒' });
    assert.ok(made.data);
    const { id, token: own } = made.data;
    assert.ok(!(await catalogText()).includes(own), 'the token is not stored');

    const listed = await new Resend(own, { baseUrl: world.url }).apiKeys.list();
    const [newest] = listed.data?.data ?? [];
    assert.equal(listed.data?.has_more, false);
    assert.deepEqual(newest, {
      ...{ id, name: 'Shop 🛒', last_used_at: null, permission: 'full_access' },
      created_at: new Date(world.time.nowEpochMs).toISOString(),
    });

    const renamed = await resend.apiKeys.update(id, { name: 'Store' });
    assert.deepEqual(renamed.data, { object: 'api_key', id });
    assert.deepEqual(await namesOf(), ['Store', 'first']);

    assert.equal((await resend.apiKeys.remove(id)).error, null);
    assert.deepEqual(await namesOf(), ['first']);
    const refused = await world.request('GET', '/emails', own);
    assert.deepEqual([refused.status, refused.body.name], [403, 'invalid_api_key']);
  });

  test('a deleted API key is refused by another function within 60 s', async () => {
    const { data } = await resend.apiKeys.create({ name: 'short-lived' });
    const id = data?.id ?? '';
    const elsewhere = createApiKeysTable({
      ...{ client, tableName: 'catalog' },
      clock: { nowEpochMs: () => world.time.nowEpochMs },
    });
    assert.equal((await elsewhere.find(id))?.name, 'short-lived');
    await resend.apiKeys.remove(id);
    world.time.nowEpochMs += 50_000;
    assert.equal(await elsewhere.find(id), undefined);
  });

  test('an API key is read once by a function that sees it often', async () => {
    let reads = 0;
    client.middlewareStack.add(
      (next, { commandName }) =>
        (args) => {
          reads += commandName === 'GetItemCommand' ? 1 : 0;
          return next(args);
        },
      { step: 'initialize', name: 'count' },
    );
    const clock = { nowEpochMs: () => world.time.nowEpochMs };
    const elsewhere = createApiKeysTable({ client, tableName: 'catalog', clock });
    for (let use = 0; use < 5; use++) await elsewhere.find(anId(0, 5));
    client.middlewareStack.remove('count');
    assert.equal(reads, 1);
  });

  test('an API key to send from one domain carries that domain', async () => {
    const made = await resend.apiKeys.create({
      ...{ name: 'bound', permission: 'sending_access' },
      domain_id: domainIdOf('mail.example.org'),
    });
    const claims = verifyToken(made.data?.token ?? '', SECRET);
    assert.equal(claims?.domain, 'mail.example.org');
    assert.equal(claims?.permission, 'sending_access');
    const refused = await world.request('GET', '/api-keys', made.data?.token);
    assert.deepEqual([refused.status, refused.body.name], [401, 'restricted_api_key']);
  });

  test('an API key with a stream of its own says so in its token and in the list', async () => {
    const body = { name: 'newsletter', stream: 'broadcast' };
    const made = await world.request('POST', '/api-keys', token, body);
    assert.equal(made.status, 201);
    assert.equal(verifyToken(made.body.token, SECRET)?.stream, 'broadcast');
    const list = await world.request('GET', '/api-keys', token);
    const listed = list.body.data.find(({ id }: { id: string }) => id === made.body.id);
    assert.equal(listed.stream, 'broadcast');
  });

  test('an API key of another tenant is neither listed, nor renamed, nor deleted', async () => {
    const apiKeyId = anId(0, 77);
    await world.key({ apiKeyId, tenant: 'somebody-else', name: 'theirs' });
    assert.ok(!(await namesOf())?.includes('theirs'));
    for (const answer of [
      await resend.apiKeys.update(apiKeyId, { name: 'ours' }),
      await resend.apiKeys.remove(apiKeyId),
    ]) {
      assert.deepEqual(answer.error, { statusCode: 404, name: 'not_found', message: 'API key not found' });
    }
    assert.equal((await world.apiKeys.list('somebody-else'))[0]?.name, 'theirs');
  });
});

describe('the list of API keys', () => {
  test('the list of API keys is whole without a limit and comes in pages with one', async () => {
    for (let index = 0; index < 25; index++) {
      world.time.nowEpochMs += 1;
      await resend.apiKeys.create({ name: `many ${index}` });
    }
    const whole = await world.request('GET', '/api-keys', token);
    assert.ok(whole.body.data.length > 25);
    const page = await world.request('GET', '/api-keys?limit=2', token);
    assert.deepEqual(page.body, { object: 'list', has_more: true, data: whole.body.data.slice(0, 2) });
    const next = await world.request('GET', `/api-keys?limit=2&after=${page.body.data[1].id}`, token);
    assert.deepEqual(next.body.data, whole.body.data.slice(2, 4));
  });
});

describe('the bootstrap key', () => {
  test('deleting the bootstrap key takes its stored token along, and deleting no other key does', async () => {
    const apiKeyId = anId(0, 88);
    const bootstrap = await world.key({ apiKeyId, name: 'bootstrap' });
    await world.bootstrapKeys.putToken(apiKeyId, bootstrap);
    const { data } = await resend.apiKeys.create({ name: 'another' });
    await resend.apiKeys.remove(data?.id ?? '');
    assert.ok((await catalogText()).includes(bootstrap));

    await resend.apiKeys.update(apiKeyId, { name: 'renamed' });
    await resend.apiKeys.remove(apiKeyId);
    const text = await catalogText();
    assert.ok(!text.includes(bootstrap));
    assert.ok(!text.includes(BOOTSTRAP_TOKEN_KEY.item));
  });
});

test('refuses a request that makes no API key, and stores nothing', async () => {
  const before = await catalogText();
  const domain_id = domainIdOf('example.com');
  const refusals = [
    ['{', 400, 'validation_error', /not valid JSON/],
    ['[]', 422, 'validation_error', /JSON object/],
    ['"name"', 422, 'validation_error', /JSON object/],
    ['null', 422, 'validation_error', /JSON object/],
    ['', 422, 'missing_required_field', /^Missing `name` field\.$/],
    [{}, 422, 'missing_required_field', /^Missing `name` field\.$/],
    [{ name: '' }, 422, 'missing_required_field', /name/],
    [{ name: '   ' }, 422, 'missing_required_field', /name/],
    [{ name: null }, 422, 'missing_required_field', /name/],
    [{ name: 7 }, 422, 'validation_error', /must be a string/],
    [{ name: 'x'.repeat(51) }, 422, 'validation_error', /at most 50/],
    [{ name: 'a\r\nb' }, 422, 'validation_error', /control character/],
    [{ name: 'a\u0000b' }, 422, 'validation_error', /control character/],
    [{ name: 'a\u0085b' }, 422, 'validation_error', /control character/],
    [{ name: '\ud800' }, 422, 'validation_error', /control character/],
    [{ name: 'a', permission: 'admin' }, 422, 'invalid_access', /permission/],
    [{ name: 'a', permission: ['full_access'] }, 422, 'invalid_access', /permission/],
    [{ name: 'a', stream: 7 }, 422, 'validation_error', /`stream` field must be a string/],
    [{ name: 'a', stream: '' }, 422, 'validation_error', /`transactional`, `broadcast`/],
    [{ name: 'a', stream: 'nightly' }, 422, 'validation_error', /`transactional`, `broadcast`/],
    [{ name: 'a', domain_id }, 422, 'validation_error', /sending_access/],
    [{ name: 'a', permission: 'sending_access', domain_id: 'x' }, 422, 'invalid_parameter', /UUID/],
    [{ name: 'a', permission: 'sending_access', domain_id: 7 }, 422, 'invalid_parameter', /UUID/],
    [
      { name: 'a', permission: 'sending_access', domain_id: anId() },
      ...([404, 'not_found', new RegExp(`example\\.com is ${domain_id}`)] as const),
    ],
  ] as const;
  for (const [body, status, name, message] of refusals) {
    const answer = await world.request('POST', '/api-keys', token, body);
    assert.deepEqual([answer.status, answer.body.name], [status, name], JSON.stringify(body));
    assert.match(answer.body.message, message);
  }
  assert.equal(await catalogText(), before);
});

test('an API key that is not there is not found, and an id that is none is refused', async () => {
  const unknown = await resend.apiKeys.remove(anId(0, 9));
  assert.deepEqual(unknown.error, { statusCode: 404, name: 'not_found', message: 'API key not found' });
  assert.equal((await resend.apiKeys.update(anId(0, 9), { name: 'a' })).error?.name, 'not_found');
  assert.equal((await resend.apiKeys.remove('bootstrap')).error?.name, 'invalid_parameter');
});

test('ignores fields of an API key that it does not know, the id among them', async () => {
  const { data } = await resend.apiKeys.create({ name: 'known' });
  const id = data?.id ?? '';
  const answer = await world.request('PATCH', `/api-keys/${id}`, token, { id: 'else', name: 'new', more: 1 });
  assert.deepEqual(answer.body, { object: 'api_key', id });
});
