import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { anAcceptWorld, aSendObject } from '../../support/accept-world.ts';

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
  test('is that of its field before its header, its request, its key and the default', async () => {
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

  test('does not travel with the mail', async () => {
    const { content } = await streamOf({ headers: { [HEADER]: 'broadcast', 'X-Order': '1' } });
    assert.deepEqual(content?.headers, { 'X-Order': '1' });
  });

  test('of a key that outlived it is the default', async () => {
    assert.equal((await streamOf({}, { key: 'gone' })).stream, 'transactional');
  });

  test('is refused where there is none of that name, with those that there are', async () => {
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

  test('that broadcasts takes exactly one recipient', async () => {
    for (const overrides of [{ to: ['a@example.org', 'b@example.org'] }, { bcc: 'b@example.org' }]) {
      const world = anAcceptWorld();
      const { status, body } = await world.post(aSendObject({ stream: 'broadcast', ...overrides }));
      assert.equal(status, 422);
      assert.match(body.message, /broadcast stream `broadcast` has exactly one recipient; this one has 2/);
      assert.ok(world.isEmpty());
    }
  });

  test('makes another request of the same idempotency key', async () => {
    const world = anAcceptWorld();
    const key = { 'idempotency-key': 'k' };
    assert.equal((await world.post(aSendObject(), key)).status, 200);
    const other = await world.post(aSendObject(), { ...key, 'x-postlane-stream': 'broadcast' });
    assert.deepEqual([other.status, other.body.name], [409, 'invalid_idempotent_request']);
  });

  test('sends a job that says whose mailboxes it is for', async () => {
    const { world } = await streamOf({ to: ['a@Example.org', 'b@example.net'], cc: 'a@example.org' });
    assert.deepEqual(world.sendJobs[0]?.recipientDomains, ['example.org', 'example.net']);
  });
});
