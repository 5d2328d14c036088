import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { aStream, buildStreams } from '../../../support/streams/stream-builders.ts';
import { anAcceptWorld, aSendObject } from '../../../support/submission/accept-world.ts';

const HEADER = 'X-Postlane-Stream';

async function streamOf(
  overrides: Record<string, unknown>,
  { headers = {}, key }: { headers?: Record<string, string>; key?: string } = {},
) {
  const world = anAcceptWorld(key === undefined ? {} : { claims: { stream: key } });
  const { status, body } = await world.post(aSendObject(overrides), headers);
  assert.equal(status, 200, JSON.stringify(body));
  return { stream: world.rows.get(body.id)?.stream, content: world.contents.get(body.id), world };
}

describe('the stream of a mail', () => {
  test('the stream of a mail is that of its field before its header, its request, its key and the default', async () => {
    const named = { stream: 'broadcast', headers: { [HEADER]: 'transactional' } };
    assert.equal((await streamOf(named)).stream, 'broadcast');
    const request = { headers: { 'x-postlane-stream': 'transactional' } };
    const inHeaders = { headers: { [HEADER.toLowerCase()]: 'broadcast' } };
    assert.equal((await streamOf(inHeaders, request)).stream, 'broadcast');
    const broadcast = { headers: { 'x-postlane-stream': 'broadcast' } };
    assert.equal((await streamOf({}, { ...broadcast, key: 'transactional' })).stream, 'broadcast');
    assert.equal((await streamOf({}, { key: 'broadcast' })).stream, 'broadcast');
    assert.equal((await streamOf({ stream: null })).stream, 'transactional');
    assert.equal((await streamOf({ stream: '' })).stream, 'transactional');
  });

  test('the field that names the stream does not travel with the mail', async () => {
    const { content } = await streamOf({ headers: { [HEADER]: 'broadcast', 'X-Order': '1' } });
    assert.deepEqual(content?.headers, { 'X-Order': '1' });
  });

  test('the stream of a key that outlived it is the default', async () => {
    assert.equal((await streamOf({}, { key: 'gone' })).stream, 'transactional');
  });

  test('a mail is refused where there is no stream of its name, with those that there are', async () => {
    for (const overrides of [{ stream: 'news' }, { headers: { [HEADER]: 'news' } }]) {
      const world = anAcceptWorld();
      const { status, body } = await world.post(aSendObject(overrides));
      assert.equal(status, 422);
      assert.equal(body.name, 'validation_error');
      assert.match(body.message, /`transactional`, `broadcast`/);
      assert.ok(world.isEmpty());
    }
    const { status, body } = await anAcceptWorld().post(aSendObject({ stream: 5 }));
    assert.deepEqual([status, body.message], [422, 'The `stream` field must be a string.']);
  });

  test('a mail of a broadcast stream takes exactly one recipient', async () => {
    for (const overrides of [{ to: ['a@example.org', 'b@example.org'] }, { bcc: 'b@example.org' }]) {
      const world = anAcceptWorld();
      const { status, body } = await world.post(aSendObject({ stream: 'broadcast', ...overrides }));
      assert.equal(status, 422);
      assert.match(body.message, /broadcast stream `broadcast` has exactly one recipient; this one has 2/);
      assert.ok(world.isEmpty());
    }
  });

  test('a mail of a broadcast stream leaves room for the headers that end it', async () => {
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`X-${index}`, 'v']));
    const ask = async (headers: Record<string, string>, stream = 'broadcast') => {
      const world = anAcceptWorld();
      const { status, body } = await world.post(aSendObject({ stream, headers }));
      assert.equal(world.isEmpty(), status !== 200);
      return { status, message: body.message };
    };
    assert.equal((await ask(many(13))).status, 200);
    const refused = await ask(many(14));
    assert.equal(refused.status, 422);
    assert.match(refused.message, /`headers` field has more than 13 headers: Amazon SES takes 15/);
    assert.equal((await ask({ ...many(14), 'list-unsubscribe': '<https://example.com/u>' })).status, 200);
    assert.equal((await ask(many(15), 'transactional')).status, 200);
    assert.match((await ask(many(16), 'transactional')).message, /more than 15 headers/);
    assert.equal((await ask({ ...many(13), [HEADER]: 'broadcast' })).status, 200, 'ours is not sent');
  });

  test('a mail of a broadcast stream without such headers takes as many as SES', async () => {
    const streams = buildStreams([aStream({ kind: 'broadcast', unsubscribe: false })]);
    const world = anAcceptWorld({ settings: { streams } });
    const headers = Object.fromEntries(Array.from({ length: 15 }, (_, index) => [`X-${index}`, 'v']));
    assert.equal((await world.post(aSendObject({ headers }))).status, 200);
  });

  test('another stream makes another request of the same idempotency key', async () => {
    const world = anAcceptWorld();
    const key = { 'idempotency-key': 'k' };
    assert.equal((await world.post(aSendObject(), key)).status, 200);
    const other = await world.post(aSendObject(), { ...key, 'x-postlane-stream': 'broadcast' });
    assert.deepEqual([other.status, other.body.name], [409, 'invalid_idempotent_request']);
  });

  test('the job of a mail says whose mailboxes it is for', async () => {
    const { world } = await streamOf({ to: ['a@Example.org', 'b@example.net'], cc: 'a@example.org' });
    assert.deepEqual(world.sendJobs[0]?.recipientDomains, ['example.org', 'example.net']);
  });
});
