import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { Resend } from 'resend';
import { createSuppressionsTable } from '../../../../shared/suppressions/adapters/suppressions-table.ts';
import type { SuppressionLists, Suppressions } from '../../../../shared/suppressions/ports.ts';
import { startDynalite } from '../../../support/aws/dynalite.ts';
import { type ControlWorld, startControlWorld } from '../../../support/control-api/control-world.ts';
import { anId, NOON } from '../../../support/messages/message-builders.ts';
import { aStream, buildStreams } from '../../../support/streams/stream-builders.ts';

const streams = buildStreams([
  aStream(),
  aStream({ name: 'news', kind: 'broadcast', ratePercent: 30, suppressionScope: 'stream' }),
]);

let client: DynamoDBClient;
let world: ControlWorld;
let stopDynalite: () => Promise<void>;
let token: string;
let resend: Resend;
let lists: SuppressionLists;
let table: Suppressions;

before(async () => {
  ({ client, stop: stopDynalite } = await startDynalite());
  world = await startControlWorld(client, { streams });
  token = await world.key({ apiKeyId: anId(0, 1) });
  resend = new Resend(token, { baseUrl: world.url });
  lists = createSuppressionsTable({ client, tableName: 'suppressions' });
  table = lists.forScope('account');
});
after(async () => {
  await world.stop();
  await stopDynalite();
});
beforeEach(async () => {
  for (const { address } of (await table.list({ limit: 1000 })).suppressions) await table.remove(address);
});

const addresses = async () => (await table.list({ limit: 1000 })).suppressions.map(({ address }) => address);
const count = async () => (await client.send(new ScanCommand({ TableName: 'suppressions' }))).Count;

describe('a suppression', () => {
  test('a suppression is added, shown, listed and removed through the SDK', async () => {
    const added = await resend.suppressions.add({ email: 'Reader+News@Example.ORG' });
    assert.equal(added.data?.object, 'suppression');
    const id = added.data?.id ?? '';
    const entry = {
      ...{ id, email: 'reader+news@example.org', origin: 'manual', source_id: null },
      created_at: new Date(NOON).toISOString(),
      reason: `Added with the API key ${anId(0, 1)}`,
    };
    for (const key of [id, 'reader+news@example.org', 'READER+news@example.org']) {
      assert.deepEqual((await resend.suppressions.get(key)).data, { object: 'suppression', ...entry }, key);
    }
    const list = await resend.suppressions.list();
    assert.deepEqual(list.data, { object: 'list', has_more: false, data: [entry] });

    const removed = await resend.suppressions.remove('reader+news@example.org');
    assert.deepEqual(removed.data, { object: 'suppression', id, deleted: true });
    assert.equal(await count(), 0);
    assert.deepEqual((await resend.suppressions.get(id)).error, {
      ...{ statusCode: 404, name: 'not_found', message: 'Suppression not found' },
    });
    assert.equal((await resend.suppressions.remove(id)).error?.name, 'not_found');
  });

  test('a suppression that is added again answers 201 and keeps what is known', async () => {
    const bounce = { origin: 'bounce', sourceMessageId: anId(NOON, 5), reason: 'General' } as const;
    const createdAt = new Date(NOON).toISOString();
    await table.add({ suppressionId: anId(), address: 'gone@example.org', createdAt, ...bounce });
    const answer = await world.request('POST', '/suppressions', token, { email: 'gone@example.org' });
    assert.equal(answer.status, 201);
    assert.deepEqual(answer.body, { object: 'suppression', id: anId() });
    const shown = await resend.suppressions.get('gone@example.org');
    assert.equal(shown.data?.origin, 'bounce');
    assert.equal(shown.data?.source_id, anId(NOON, 5));
  });

  test('a suppression of a test recipient is the one that sending looks up', async () => {
    await resend.suppressions.add({ email: 'bounced@resend.dev' });
    const found = await lists.findSuppressed(['account'], ['bounce@simulator.amazonses.com']);
    assert.equal(found.size, 1);
    assert.equal((await resend.suppressions.remove('bounced@resend.dev')).error, null);
  });

  test('a suppression is found under an address with any character a mailbox can have', async () => {
    for (const email of [
      "o'hara@example.org",
      'a/b@example.org',
      '/a//b@example.org',
      '50%off@example.org',
      '%41da@example.org',
      'b=c#d@example.org',
    ]) {
      const { data } = await resend.suppressions.add({ email });
      assert.equal((await resend.suppressions.get(email)).data?.id, data?.id, email);
    }
  });
});

describe('the list', () => {
  test('the list of suppressions is filtered by origin, in pages that are full', async () => {
    for (let index = 0; index < 6; index++) {
      const origin = index % 2 === 0 ? 'complaint' : 'bounce';
      const suppressionId = anId(NOON + index);
      await table.add({
        suppressionId,
        address: `a${index}@example.org`,
        origin,
        createdAt: '2026-11-23T12:00:00Z',
      });
    }
    const page = await resend.suppressions.list({ origin: 'complaint', limit: 2 });
    assert.deepEqual(
      page.data?.data.map(({ email }) => email),
      ['a4@example.org', 'a2@example.org'],
    );
    assert.equal(page.data?.has_more, true);
    const rest = await resend.suppressions.list({ origin: 'complaint', after: page.data?.data[1]?.id ?? '' });
    assert.equal(rest.data?.data.length, 1);
    assert.equal(rest.data?.has_more, false);
  });

  test('refuses an origin, a limit or a cursor that is none', async () => {
    for (const [query, name] of [
      ['origin=spam', 'validation_error'],
      ['origin=', 'validation_error'],
      ['limit=0', 'validation_error'],
      ['after=x', 'invalid_parameter'],
    ]) {
      const answer = await world.request('GET', `/suppressions?${query}`, token);
      assert.deepEqual([answer.status, answer.body.name], [422, name], query);
    }
  });
});

describe('a batch', () => {
  test('a batch adds and removes suppressions through the SDK, each address once', async () => {
    const emails = ['a@example.org', 'B@example.org', 'A@example.org'];
    const added = await resend.suppressions.batch.add({ emails });
    const ids = added.data?.data.map(({ id }) => id) ?? [];
    assert.equal(ids.length, 3);
    assert.equal(ids[0], ids[2]);
    assert.deepEqual((await addresses()).toSorted(), ['a@example.org', 'b@example.org']);

    const byId = await resend.suppressions.batch.remove({ ids: [ids[0] ?? ''] });
    assert.deepEqual(byId.data, { data: [{ object: 'suppression', id: ids[0], deleted: true }] });
    const byEmail = await resend.suppressions.batch.remove({
      emails: ['b@example.org', 'unknown@example.org'],
    });
    assert.deepEqual(byEmail.data, { data: [{ object: 'suppression', id: ids[1], deleted: true }] });
    assert.equal(await count(), 0);
  });

  test('a batch answers 201 to adding and 200 to removing', async () => {
    const body = { emails: ['a@example.org'] };
    assert.equal((await world.request('POST', '/suppressions/batch/add', token, body)).status, 201);
    assert.equal((await world.request('POST', '/suppressions/batch/remove', token, body)).status, 200);
  });

  test('a batch of a hundred suppressions is taken whole', async () => {
    const emails = Array.from({ length: 100 }, (_, index) => `many-${index}@example.org`);
    const { data } = await resend.suppressions.batch.add({ emails });
    assert.equal(new Set(data?.data.map(({ id }) => id)).size, 100);
  });

  test('a batch that is wrong anywhere changes nothing', async () => {
    await resend.suppressions.add({ email: 'kept@example.org' });
    const tooMany = Array.from({ length: 101 }, (_, index) => `a${index}@example.org`);
    const refusals = [
      ['add', {}, 'missing_required_field'],
      ['add', { emails: [] }, 'validation_error'],
      ['add', { emails: tooMany }, 'validation_error'],
      ['add', { emails: 'a@example.org' }, 'validation_error'],
      ['add', { emails: ['a@example.org', 7] }, 'validation_error'],
      ['add', { emails: ['a@example.org', 'b'] }, 'validation_error'],
      ['remove', {}, 'missing_required_field'],
      ['remove', { emails: ['kept@example.org'], ids: [anId()] }, 'validation_error'],
      ['remove', { ids: [] }, 'validation_error'],
      ['remove', { ids: ['kept@example.org'] }, 'invalid_parameter'],
      ['remove', { emails: ['kept@example.org', 'nonsense'] }, 'validation_error'],
    ] as const;
    for (const [action, body, name] of refusals) {
      const answer = await world.request('POST', `/suppressions/batch/${action}`, token, body);
      assert.deepEqual([answer.status, answer.body.name], [422, name], JSON.stringify(body).slice(0, 80));
    }
    assert.deepEqual(await addresses(), ['kept@example.org']);
  });
});

test('refuses a suppression of no address, and stores nothing', async () => {
  const refusals = [
    ['{"email":', 400, 'validation_error'],
    [{}, 422, 'missing_required_field'],
    [{ email: 7 }, 422, 'validation_error'],
    [{ email: 'nonsense' }, 422, 'validation_error'],
    [{ email: 'a@b@c' }, 422, 'validation_error'],
    [{ email: 'a@example.org\r\nBcc: b@example.org' }, 422, 'validation_error'],
    [{ email: `${'a'.repeat(65)}@example.org` }, 422, 'validation_error'],
  ] as const;
  for (const [body, status, name] of refusals) {
    const answer = await world.request('POST', '/suppressions', token, body);
    assert.deepEqual([answer.status, answer.body.name], [status, name], JSON.stringify(body));
  }
  for (const [path, name] of [
    ['/suppressions/nonsense', 'invalid_parameter'],
    ['/suppressions/a%3Fb@example.org', 'invalid_parameter'],
    ['/suppressions/a@b', 'validation_error'],
    ['/suppressions/a%0d%0a@example.org', 'validation_error'],
  ] as const) {
    for (const method of ['GET', 'DELETE']) {
      const answer = await world.request(method, path, token);
      assert.deepEqual([answer.status, answer.body.name], [422, name], path);
    }
  }
  assert.equal(await count(), 0);
});

describe('a stream with a list of its own', () => {
  const ask = async (method: string, path: string, body?: object) => world.request(method, path, token, body);

  test('the list of a stream is written to and read by its name, apart from that of the account', async () => {
    const email = 'reader@example.org';
    const added = await ask('POST', '/suppressions', { email, stream: 'news' });
    assert.equal(added.status, 201);
    const { id } = added.body as { id: string };
    assert.equal((await ask('GET', `/suppressions/${email}`)).status, 404);
    assert.equal((await ask('GET', `/suppressions/${id}`)).status, 404);
    assert.equal((await ask('GET', `/suppressions/${email}?stream=news`)).status, 200);
    assert.deepEqual(((await ask('GET', '/suppressions')).body as { data: unknown[] }).data, []);
    const list = (await ask('GET', '/suppressions?stream=news')).body as { data: { id: string }[] };
    assert.deepEqual(
      list.data.map((each) => each.id),
      [id],
    );
    assert.equal((await ask('DELETE', `/suppressions/${id}`)).status, 404);
    assert.equal((await ask('DELETE', `/suppressions/${id}?stream=news`)).status, 200);
    assert.equal(await count(), 0);
  });

  test('the list of a stream takes and gives batches', async () => {
    const emails = ['one@example.org', 'two@example.org'];
    assert.equal((await ask('POST', '/suppressions/batch/add', { emails, stream: 'news' })).status, 201);
    const scopes = ['account', 'stream:news'];
    assert.equal((await lists.findSuppressed(scopes, emails)).size, 2);
    assert.equal((await lists.findSuppressed(['account'], emails)).size, 0);
    const removed = await ask('POST', '/suppressions/batch/remove', { emails, stream: 'news' });
    assert.equal((removed.body as { data: unknown[] }).data.length, 2);
  });

  for (const [stream, reason] of [
    ['transactional', /no list of its own/],
    ['offers', /has `transactional`, `news`/],
    [7, /must be a string/],
  ] as const) {
    test(`refuses ${stream} as a stream with a list of its own`, async () => {
      const { status, body } = await ask('POST', '/suppressions', { email: 'a@example.org', stream });
      assert.equal(status, 422);
      assert.match((body as { message: string }).message, reason);
      assert.equal(await count(), 0);
    });
  }
});
