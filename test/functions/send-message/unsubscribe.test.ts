import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { StreamSettings } from '../../../shared/streams/stream-settings.ts';
import { verifyUnsubscribeToken } from '../../../shared/suppressions/unsubscribe-token.ts';
import { unsubscriptionOf } from '../../../shared/suppressions/unsubscription.ts';
import { buildAccepted, MESSAGE_ID } from '../../support/messages/delivery-builders.ts';
import { SIGNING_SECRET } from '../../support/sending/free-to-send.ts';
import { buildJob, createSendWorld } from '../../support/sending/send-message-world.ts';
import { aStream, buildStreams, TENANTS } from '../../support/streams/stream-builders.ts';

const ANN = 'ann@example.net';
const LINK = /^<https:\/\/api\.example\.com\/unsubscribe\/([\w.-]+)>$/;

function aWorld(row: Parameters<typeof buildAccepted>[0] = {}, news: Partial<StreamSettings> = {}) {
  const broadcast = aStream({ name: 'news', kind: 'broadcast', ratePercent: 30, ...news });
  return createSendWorld(
    [buildAccepted({ stream: 'news', ...row })],
    buildStreams([aStream(), broadcast], TENANTS),
  );
}

async function headersOf(
  world: ReturnType<typeof aWorld>,
  { stream = 'news', tenant = 'default', headers = {} } = {},
) {
  const content = { text: 'hi', headers, attachments: [] };
  await world.receive(buildJob({ stream, tenant, content: { kind: 'inline', content } }));
  assert.equal(world.mailer.sent.length, 1);
  return world.mailer.sent[0]?.headers ?? {};
}

const claimsIn = (headers: Readonly<Record<string, string>>) =>
  verifyUnsubscribeToken(LINK.exec(headers['List-Unsubscribe'] ?? '')?.[1] ?? '', SIGNING_SECRET);

describe('mail of a broadcast stream', () => {
  test('broadcast mail leaves with a link that stands for its recipient, its stream and itself', async () => {
    const headers = await headersOf(aWorld({ to: ['Ann <ANN@example.net>'] }));
    assert.deepEqual(claimsIn(headers), {
      ...{ tenant: 'default', stream: 'news', messageId: MESSAGE_ID, address: ANN },
    });
    assert.equal(headers['List-Unsubscribe-Post'], 'List-Unsubscribe=One-Click');
  });

  test('the link of a test recipient names it as suppressions do', async () => {
    const headers = await headersOf(aWorld({ to: ['delivered+a@resend.dev'] }));
    assert.equal(claimsIn(headers)?.address, 'success+a@simulator.amazonses.com');
  });

  test('a link of a tenant names the tenant', async () => {
    const headers = await headersOf(aWorld({ tenant: 'acme' }), { tenant: 'acme' });
    assert.equal(claimsIn(headers)?.tenant, 'acme');
  });

  test("broadcast mail leaves with its sender's link alone where there is one", async () => {
    const own = { 'list-unsubscribe': '<mailto:off@example.com>' };
    assert.deepEqual(await headersOf(aWorld(), { headers: own }), own);
  });

  test('broadcast mail leaves without a link where its stream says so', async () => {
    assert.deepEqual(await headersOf(aWorld({}, { unsubscribe: false })), {});
  });

  test('broadcast mail waits while the secret cannot be read, and goes on with its link', async () => {
    const world = aWorld();
    world.downOnce.add('signingKey');
    await world.receive(buildJob({ stream: 'news' }));
    assert.deepEqual([world.mailer.sent.length, world.row().status], [0, 'accepted']);
    await world.runQueue();
    assert.ok(claimsIn(world.mailer.sent[0]?.headers ?? {}));
  });
});

test('transactional mail leaves without a link', async () => {
  const world = aWorld({ stream: 'transactional' });
  assert.deepEqual(await headersOf(world, { stream: 'transactional' }), {});
});

test('mail to several of a stream that is gone leaves without a link', async () => {
  const world = createSendWorld(
    [buildAccepted({ stream: 'gone', to: [ANN, 'bob@example.net'] })],
    buildStreams([aStream({ name: 'news', kind: 'broadcast' })]),
  );
  assert.deepEqual(await headersOf(world, { stream: 'gone' }), {});
});

describe('somebody who unsubscribed', () => {
  const claims = { tenant: 'default', stream: 'news', messageId: MESSAGE_ID, address: ANN };
  const entry = unsubscriptionOf(claims, { suppressionId: 'one', createdAt: '2026-11-23T00:00:00.000Z' });

  for (const [what, stream, status] of [
    ['no more mail of the stream', 'news', 'suppressed'],
    ['transactional mail', 'transactional', 'sent'],
    ['mail of other streams', 'offers', 'sent'],
  ] as const)
    test(`an unsubscribed recipient gets ${what}`, async () => {
      const streams = buildStreams([
        aStream(),
        aStream({ name: 'news', kind: 'broadcast' }),
        aStream({ name: 'offers', kind: 'broadcast' }),
      ]);
      const world = createSendWorld([buildAccepted({ stream })], streams);
      await world.suppressions.forScope('stream:news').add(entry);
      await world.receive(buildJob({ stream }));
      assert.equal(world.row().status, status);
    });

  test('an unsubscribed recipient gets nothing that was waiting at the time', async () => {
    const world = aWorld();
    world.paused.set('news', world.clock.now);
    await world.receive(buildJob({ stream: 'news' }));
    assert.equal(world.queue.queued.length, 1);
    await world.suppressions.forScope('stream:news').add(entry);
    world.paused.clear();
    await world.runQueue();
    assert.deepEqual([world.mailer.sent.length, world.row().status], [0, 'suppressed']);
  });

  test('an unsubscribed recipient stays so where the stream adds no links any more', async () => {
    const world = aWorld({}, { unsubscribe: false });
    await world.suppressions.forScope('stream:news').add(entry);
    await world.receive(buildJob({ stream: 'news' }));
    assert.equal(world.row().status, 'suppressed');
  });

  test("an unsubscribed recipient gets the mail of another tenant's stream of the same name", async () => {
    const world = aWorld({ tenant: 'acme' });
    await world.suppressions.forScope('stream:news').add(entry);
    await world.receive(buildJob({ stream: 'news', tenant: 'acme' }));
    assert.equal(world.row().status, 'sent');
  });
});
