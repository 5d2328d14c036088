import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { createSuppressionsTable } from '../../../../shared/suppressions/adapters/suppressions-table.ts';
import type { SuppressionLists } from '../../../../shared/suppressions/ports.ts';
import {
  createUnsubscribeToken,
  type UnsubscribeClaims,
} from '../../../../shared/suppressions/unsubscribe-token.ts';
import { startDynalite } from '../../../support/aws/dynalite.ts';
import { type ControlWorld, SECRET, startControlWorld } from '../../../support/control-api/control-world.ts';
import { aMessage, anId, NOON } from '../../../support/messages/message-builders.ts';

const ANN = 'ann@example.net';
const ONE_CLICK = 'List-Unsubscribe=One-Click';
const FORM = 'application/x-www-form-urlencoded';

let world: ControlWorld;
let lists: SuppressionLists;
let token: string;
let stopDynalite: () => Promise<void>;
let nextMessage = 0;

before(async () => {
  const dynalite = await startDynalite();
  stopDynalite = dynalite.stop;
  world = await startControlWorld(dynalite.client);
  lists = createSuppressionsTable({ client: dynalite.client, tableName: 'suppressions' });
  token = await world.key();
});
after(async () => {
  await world.stop();
  await stopDynalite();
});
beforeEach(async () => {
  world.time.nowEpochMs = NOON;
  world.lines.length = 0;
  for (const scope of ['account', 'stream:broadcast', 'tenant:acme/stream:broadcast'])
    for (const { address } of (await lists.forScope(scope).list({ limit: 1000 })).suppressions)
      await lists.forScope(scope).remove(address);
});

/** A mail that was sent with a link, and the path of the link. */
function aSentMail(overrides: Partial<UnsubscribeClaims> = {}) {
  nextMessage += 1;
  const messageId = anId(NOON, nextMessage);
  const claims = { tenant: 'default', stream: 'broadcast', address: ANN, messageId, ...overrides };
  world.put(
    aMessage({
      ...{ messageId, tenant: claims.tenant, stream: claims.stream, to: [claims.address] },
      ...{ from: 'Shop <shop@example.com>', status: 'sent', attempt: 2, sesMessageId: 'ses-2' },
    }),
  );
  return { messageId, path: `/unsubscribe/${createUnsubscribeToken(claims, SECRET)}` };
}

async function call(method: string, path: string, init: RequestInit = {}) {
  const answer = await fetch(world.url + path, { method, redirect: 'error', ...init });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

const click = (path: string) =>
  call('POST', path, { body: ONE_CLICK, headers: { 'content-type': FORM, accept: 'application/json' } });

const listed = async (scope = 'stream:broadcast') =>
  (await lists.forScope(scope).list({ limit: 10 })).suppressions;
const factsOf = (messageId: string) => world.timelines.get(messageId)?.facts;

describe('GET of a link', () => {
  test('GET of a link asks on a page that says what ends, and changes nothing', async () => {
    const { messageId, path } = aSentMail();
    for (let time = 0; time < 2; time++) {
      const { status, headers, text } = await call('GET', path);
      assert.equal(status, 200);
      assert.equal(headers.get('content-type'), 'text/html; charset=utf-8');
      for (const shown of ['broadcast', 'Shop &lt;shop@example.com&gt;', ANN])
        assert.ok(text.includes(shown));
    }
    assert.deepEqual(await listed(), []);
    assert.deepEqual(factsOf(messageId), []);
  });

  test('HEAD of a link is answered without a body', async () => {
    const { path } = aSentMail();
    const { status, headers, text } = await call('HEAD', path);
    assert.deepEqual([status, text], [200, '']);
    assert.equal(headers.get('content-type'), 'text/html; charset=utf-8');
    assert.deepEqual(await listed(), []);
  });

  test('GET of a link needs the link alone once the mail is forgotten', async () => {
    const { messageId, path } = aSentMail();
    world.timelines.delete(messageId);
    const { status, text } = await call('GET', path);
    assert.equal(status, 200);
    assert.ok(text.includes(ANN) && !text.includes('Shop'));
  });
});

describe('POST to a link', () => {
  test("puts the address on the stream's list, and on no other", async () => {
    const { messageId, path } = aSentMail();
    const { status, headers, text } = await click(path);
    assert.equal(status, 200);
    assert.equal(headers.get('content-type'), 'text/html; charset=utf-8', 'whatever is accepted');
    assert.match(text, /You are unsubscribed/);
    const [entry, ...others] = await listed();
    assert.deepEqual(others, []);
    const { suppressionId: _id, ...rest } = entry ?? {};
    assert.deepEqual(rest, {
      ...{ address: ANN, origin: 'unsubscribe', sourceMessageId: messageId },
      createdAt: new Date(NOON).toISOString(),
      reason: 'Unsubscribed with the link of a mail',
    });
    assert.deepEqual(await listed('account'), []);
  });

  test('puts an unsubscribe on the timeline of its mail, with what the row knows of SES', async () => {
    const { messageId, path } = aSentMail();
    await click(path);
    assert.deepEqual(factsOf(messageId), [
      {
        ...{ messageId, kind: 'unsubscribed', recipient: ANN, attempt: 1, sesMessageId: 'ses-2' },
        occurredAt: new Date(NOON).toISOString(),
      },
    ]);
  });

  test('a POST to a link does the same when it is repeated, and when several come at once', async () => {
    const { messageId, path } = aSentMail();
    const first = await click(path);
    const [entry] = await listed();
    world.time.nowEpochMs += 60_000;
    const again = await Promise.all([click(path), click(path), click(path)]);
    for (const answer of again) assert.deepEqual([answer.status, answer.text], [200, first.text]);
    assert.deepEqual(await listed(), [entry]);
    assert.equal(factsOf(messageId)?.length, 1);
  });

  for (const [what, init] of [
    ['no body', {}],
    ['a multipart form', { body: formOf(ONE_CLICK) }],
    ['JSON', { body: '{}', headers: { 'content-type': 'application/json' } }],
    ['bytes that are no UTF-8', { body: Uint8Array.of(0xff, 0xfe, 0x80) }],
  ] as const)
    test(`a POST to a link works with ${what}`, async () => {
      const { path } = aSentMail();
      assert.equal((await call('POST', path, init)).status, 200);
      assert.equal((await listed()).length, 1);
    });

  test('a POST to a link works when the mail is forgotten, or has expired and is still there', async () => {
    const gone = aSentMail({ address: 'gone@example.net' });
    world.timelines.delete(gone.messageId);
    assert.equal((await click(gone.path)).status, 200);

    const old = aSentMail({ address: 'old@example.net' });
    world.time.nowEpochMs = NOON + 91 * 86_400_000;
    assert.equal((await click(old.path)).status, 200);
    assert.deepEqual(factsOf(old.messageId), [], 'what is forgotten gets no new facts');
    assert.deepEqual((await listed()).map(({ address }) => address).sort(), [
      'gone@example.net',
      'old@example.net',
    ]);
  });

  test('takes a link with slashes that were added on the way', async () => {
    const { path } = aSentMail();
    assert.equal((await click(`/${path}/`)).status, 200);
    assert.equal((await listed()).length, 1);
  });

  test('a link of a tenant stops mail of that tenant alone', async () => {
    const { path } = aSentMail({ tenant: 'acme' });
    await click(path);
    assert.equal((await listed('tenant:acme/stream:broadcast')).length, 1);
    assert.deepEqual(await listed(), []);
  });

  test('an unsubscribe adds itself to other reasons against the address', async () => {
    const bounce = { origin: 'manual', reason: 'Asked on the phone' } as const;
    const known = { suppressionId: anId(), address: ANN, createdAt: '2026-11-20T12:00:00Z', ...bounce };
    await lists.forScope('stream:broadcast').add(known);
    const { messageId, path } = aSentMail();
    await click(path);
    await click(path);
    const [entry] = await listed();
    assert.equal(entry?.origin, 'manual');
    assert.deepEqual(
      entry?.also?.map(({ origin, sourceMessageId }) => [origin, sourceMessageId]),
      [['unsubscribe', messageId]],
    );
  });
});

describe('what is no link', () => {
  const wrong = () => {
    const { path } = aSentMail();
    const [start = '', mac = ''] = path.split('.');
    const other = createUnsubscribeToken(
      { tenant: 'acme', stream: 'broadcast', messageId: anId(), address: ANN },
      SECRET,
    );
    return [
      path.slice(0, -1),
      `${path}%3E`,
      path.toLowerCase(),
      `${start}.${other.split('.')[1]}`,
      `/unsubscribe/${other.split('.')[0]}.${mac}`,
      `/unsubscribe/${token}`,
      '/unsubscribe',
      '/unsubscribe/',
      '/unsubscribe/%00',
    ];
  };

  test('a path that is no link is a page of 404 that says so, and nothing happens', async () => {
    for (const path of wrong())
      for (const method of ['GET', 'POST']) {
        const { status, headers, text } = await call(method, path);
        assert.equal(status, 404, `${method} ${path}`);
        assert.equal(headers.get('content-type'), 'text/html; charset=utf-8');
        assert.match(headers.get('content-security-policy') ?? '', /^default-src 'none'/);
        assert.match(text, /This link is not complete/);
      }
    assert.deepEqual(await listed(), []);
  });

  test("a path that is no link is the contract's problem to callers that ask for JSON", async () => {
    for (const path of wrong()) {
      const { status, text } = await call('POST', path, { headers: { accept: 'application/json' } });
      assert.equal(status, 404, path);
      const { statusCode, name } = JSON.parse(text);
      assert.deepEqual([statusCode, name], [404, 'not_found']);
    }
  });

  test('another method on a link is refused with those that there are', async () => {
    const { path } = aSentMail();
    for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      const { status, headers, text } = await call(method, path);
      assert.deepEqual([status, headers.get('allow')], [405, 'GET, HEAD, POST']);
      assert.match(text, /<h1>/);
    }
    assert.deepEqual(await listed(), []);
  });

  test('a path that only begins like a link needs a key', async () => {
    assert.equal((await call('GET', '/unsubscribed')).status, 401);
  });
});

test('a failed unsubscribe is a page that asks to try again, is logged, and finds the mail stopped', async () => {
  const { messageId, path } = aSentMail();
  world.timelines.set(messageId, { ...world.timelines.get(messageId), facts: undefined } as never);
  const [page, problem] = [await call('POST', path), await click(path)];
  world.timelines.delete(messageId);
  assert.deepEqual([page.status, page.headers.get('content-type')], [500, 'text/html; charset=utf-8']);
  assert.match(page.text, /try again/);
  assert.equal(JSON.parse(problem.text).name, 'internal_server_error');
  for (const { text } of [page, problem]) assert.doesNotMatch(text, /TypeError|undefined/);
  assert.match(world.lines.join(), /request_failed/);
  assert.equal((await listed()).length, 1);
});

describe('who was unsubscribed', () => {
  const ask = (method: string, path: string) => world.request(method, path, token);

  test('an unsubscribed recipient is listed with the stream, and by origin', async () => {
    const { messageId, path } = aSentMail();
    await click(path);
    for (const query of ['stream=broadcast', 'stream=broadcast&origin=unsubscribe']) {
      const { status, body } = await ask('GET', `/suppressions?${query}`);
      assert.equal(status, 200);
      const [entry] = body.data;
      assert.deepEqual([entry.email, entry.origin, entry.source_id], [ANN, 'unsubscribe', messageId]);
    }
    assert.deepEqual((await ask('GET', '/suppressions?stream=broadcast&origin=bounce')).body.data, []);
    assert.deepEqual((await ask('GET', '/suppressions')).body.data, []);
  });

  test('an unsubscribed recipient is subscribed again by removing the entry, until the next click', async () => {
    const { path } = aSentMail();
    await click(path);
    assert.equal((await ask('DELETE', `/suppressions/${ANN}`)).status, 404);
    assert.equal((await ask('DELETE', `/suppressions/${ANN}?stream=broadcast`)).status, 200);
    assert.deepEqual(await listed(), []);
    await click(path);
    assert.equal((await listed()).length, 1);
  });
});

function formOf(field: string): FormData {
  const [name = '', value = ''] = field.split('=');
  const form = new FormData();
  form.set(name, value);
  return form;
}
