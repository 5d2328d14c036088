import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { fingerprintOf } from '../../../shared/event-log/event-block.ts';
import type { Fact } from '../../../shared/messages/delivery-event.ts';
import type { Message } from '../../../shared/messages/message.ts';
import type { Suppression } from '../../../shared/suppressions/suppression.ts';
import { ACCOUNT_SCOPE } from '../../../shared/suppressions/suppression-scope.ts';
import { aDomain } from '../../support/domains/domain-world.ts';
import {
  ACCEPTED_AT_EPOCH_MS,
  buildAccepted,
  buildFact,
  buildMessage,
  MESSAGE_ID,
} from '../../support/messages/delivery-builders.ts';
import { createPublishWorld } from '../../support/outbox/publish-world.ts';
import {
  batchRecord,
  domainRecord,
  factRecord,
  otherRecord,
  rowRecord,
  suppressionRecord,
} from '../../support/outbox/stream-records.ts';

const AT = ACCEPTED_AT_EPOCH_MS + 5_000;
const SENDING = buildAccepted({ status: 'sending', attempt: 1 });
const SENT = buildMessage({ tags: [{ name: 'kind', value: 'order' }] });
const BASE = {
  email_id: MESSAGE_ID,
  created_at: '2026-11-23T10:00:00.000Z',
  from: 'Shop <shop@example.com>',
  to: ['ann@example.net'],
  subject: 'Your order',
};

const tell = async (before: Message | undefined, after: Message) => {
  const world = createPublishWorld([after]);
  await world.receive(rowRecord(before, after, AT));
  return world.events;
};

const tellFact = async (overrides: Partial<Fact>, message = SENT) => {
  const world = createPublishWorld([message]);
  await world.receive(factRecord(buildFact(overrides), AT));
  return world.events;
};

describe('what is told of a row', () => {
  test('a sent row is told as sent, with the header that SES gives it and tags as a map', async () => {
    const [event, ...others] = await tell(SENDING, SENT);
    assert.deepEqual(others, []);
    assert.equal(event?.type, 'email.sent');
    assert.equal(event?.createdAt, '2026-11-23T10:00:01.000Z');
    assert.equal(event?.stream, 'transactional');
    assert.deepEqual(event?.data, {
      ...BASE,
      tags: { kind: 'order' },
      message_id: '<ses-1@email.amazonses.com>',
    });
    assert.match(event?.id ?? '', /^msg_[\da-f]{32}$/);
  });

  test('each dropped recipient is told, with why it is on a list', async () => {
    const after = buildMessage({
      to: ['ann@example.net', 'bob@example.net'],
      suppressedRecipients: ['bob@example.net'],
    });
    const world = createPublishWorld([after]);
    await world.suppressions.forScope(ACCOUNT_SCOPE).add({
      ...{ suppressionId: 's-1', address: 'bob@example.net', origin: 'complaint' },
      createdAt: '2026-11-01T00:00:00.000Z',
    });
    await world.receive(rowRecord(SENDING, after, AT));
    assert.deepEqual(world.types(), ['email.sent', 'email.suppressed']);
    const [, dropped] = world.events;
    assert.equal(dropped?.data.recipient, 'bob@example.net');
    assert.deepEqual(dropped?.data.suppressed, {
      type: 'OnAccountSuppressionList',
      reason: 'previous_complaint',
      message: 'The recipient is on the suppression list, and nothing was sent.',
      diagnosticCode: [],
    });
  });

  test('reads why for many dropped recipients at once, and for each of them once', async () => {
    const dropped = Array.from({ length: 50 }, (_, n) => `reader-${n}@example.net`);
    const rows = [1, 2, 3].map((n) =>
      buildMessage({
        messageId: MESSAGE_ID.replace(/.$/, String(n)),
        ...{ to: dropped, suppressedRecipients: dropped },
      }),
    );
    const world = createPublishWorld(rows);
    const reads: string[] = [];
    const open = { now: 0, most: 0 };
    const { forScope: listOf } = world.suppressions;
    world.suppressions.forScope = (scope) => ({
      ...listOf(scope),
      async get(address) {
        reads.push(`${JSON.stringify(scope)} ${address}`);
        open.most = Math.max(open.most, ++open.now);
        await setImmediate();
        open.now -= 1;
        return undefined;
      },
    });
    await world.receive(...rows.map((row) => rowRecord(SENDING, row, AT)));
    assert.equal(world.types().filter((type) => type === 'email.suppressed').length, 150);
    assert.equal(new Set(reads).size, reads.length);
    assert.ok(open.most >= 20, `${open.most} at once`);
  });

  test('an event of a mail to several says how many recipients it stands for', async () => {
    const to = ['ann@example.net', 'bob@example.net', 'cid@example.net'];
    const [event] = await tell(SENDING, buildMessage({ to }));
    assert.equal(event?.recipientCount, 3);
  });

  test('a failed or suppressed row is told at the time that it says', async () => {
    const failed = buildAccepted({
      status: 'failed',
      statusReason: 'content_not_kept',
      endedAtEpochMs: AT,
      attempt: 1,
    });
    const [failure] = await tell(SENDING, failed);
    assert.equal(failure?.type, 'email.failed');
    assert.equal(failure?.createdAt, new Date(AT).toISOString());
    assert.deepEqual(failure?.data.failed, { reason: 'content_not_kept' });

    const suppressed = buildAccepted({
      ...{ status: 'suppressed', suppressedRecipients: ['ann@example.net'], endedAtEpochMs: AT, attempt: 1 },
    });
    assert.deepEqual(
      (await tell(SENDING, suppressed)).map(({ type }) => type),
      ['email.suppressed'],
    );
  });

  test('a scheduled row is told when it is stored, but not when it is moved', async () => {
    const scheduled = buildAccepted({ status: 'scheduled', scheduledAtEpochMs: AT + 3_600_000 });
    assert.deepEqual(
      (await tell(undefined, scheduled)).map(({ type }) => type),
      ['email.scheduled'],
    );
    assert.deepEqual(await tell(scheduled, { ...scheduled, scheduledAtEpochMs: AT }), []);
  });

  test('a scheduled row of a batch is told once the batch is kept', async () => {
    const scheduled = buildAccepted({ status: 'scheduled', batchId: 'b-1', scheduledAtEpochMs: AT });
    const world = createPublishWorld([scheduled]);
    await world.receive(rowRecord(undefined, scheduled, AT));
    assert.deepEqual(world.types(), []);
    await world.receive(batchRecord('b-1', { tenant: 'default', messageIds: [MESSAGE_ID] }, AT));
    assert.deepEqual(world.types(), ['email.scheduled']);
    assert.equal(world.events[0]?.createdAt, '2026-11-23T10:00:00.000Z');
  });

  test('claims, retries, cancellation and changes beside the status are not told', async () => {
    const accepted = buildAccepted();
    for (const [before, after] of [
      [undefined, accepted],
      [accepted, SENDING],
      [SENDING, accepted],
      [SENDING, buildAccepted({ status: 'unknown', attempt: 1 })],
      [accepted, buildAccepted({ status: 'canceled' })],
      [SENT, { ...SENT, subject: 'Your order' }],
    ] as const)
      assert.deepEqual(await tell(before, after), [], after.status);
  });
});

describe('what is told of a fact', () => {
  const TYPES: readonly (readonly [Fact['kind'], string])[] = [
    ['delivered', 'email.delivered'],
    ['delayed', 'email.delivery_delayed'],
    ['bounced', 'email.bounced'],
    ['complained', 'email.complained'],
    ['suppressed', 'email.suppressed'],
    ['rejected', 'email.failed'],
    ['rendering_failed', 'email.failed'],
    ['opened', 'email.opened'],
    ['clicked', 'email.clicked'],
    ['unsubscribed', 'email.unsubscribed'],
  ];
  for (const [kind, type] of TYPES)
    test(`the fact ${kind} is told as ${type}, for its recipient, at its time`, async () => {
      const [event, ...others] = await tellFact({ kind });
      assert.deepEqual(others, []);
      assert.equal(event?.type, type);
      assert.equal(event?.createdAt, '2026-11-23T10:00:05.000Z');
      assert.equal(event?.data.recipient, 'ann@example.net');
      assert.equal(event?.data.email_id, MESSAGE_ID);
    });

  test('facts that have no event type are not told', async () => {
    for (const kind of ['sent', 'complaint_withdrawn', 'subscribed', 'unconfirmed'] as const)
      assert.deepEqual(await tellFact({ kind }), [], kind);
  });

  test('a bounce is told in the words of SES', async () => {
    const detail = {
      bounceType: 'Permanent',
      bounceSubType: 'NoEmail',
      diagnosticCode: 'smtp; 550 no',
    } as const;
    const [event] = await tellFact({ kind: 'bounced', detail });
    assert.deepEqual(event?.data.bounce, {
      type: 'Permanent',
      subType: 'NoEmail',
      message: "The recipient's email provider sent a hard bounce message.",
      diagnosticCode: ['smtp; 550 no'],
    });
  });

  test('a click is told with its link, and a click of a machine apart', async () => {
    const detail = { link: 'https://a.example/', userAgent: 'UA', ipAddress: '203.0.113.9' };
    const [click] = await tellFact({ kind: 'clicked', detail });
    assert.deepEqual(click?.data.click, {
      ...{ ipAddress: '203.0.113.9', timestamp: '2026-11-23T10:00:05.000Z', userAgent: 'UA' },
      link: 'https://a.example/',
    });
    assert.equal(click?.isFirst, true);
    const [machine] = await tellFact({ kind: 'opened', detail: { isMachine: true } });
    assert.equal(machine?.isMachine, true);
    assert.equal(machine?.isFirst, undefined);
    assert.deepEqual(machine?.data.open, {
      ...{ ipAddress: '', timestamp: '2026-11-23T10:00:05.000Z', userAgent: '' },
      is_machine: true,
    });
  });

  test('an event of the same fact has the same id, and another recipient or time another', async () => {
    const ids = await Promise.all(
      [{}, {}, { recipient: 'bob@example.net' }, { occurredAt: '2026-11-23T10:00:06.000Z' }].map(
        async (each) => (await tellFact(each)).map(({ id }) => id).join(),
      ),
    );
    assert.equal(ids[0], ids[1]);
    assert.equal(new Set(ids).size, 3);
  });

  test('a fact that has outlived its message is not told', async () => {
    const world = createPublishWorld([]);
    await world.receive(factRecord(buildFact(), AT));
    assert.deepEqual(world.events, []);
    assert.equal(world.metrics.get('EventsWithoutMessage'), 1);
  });

  test('a row that has just gone by is not read again', async () => {
    const world = createPublishWorld([SENT]);
    await world.receive(rowRecord(SENDING, SENT, AT));
    await world.receive(factRecord(buildFact(), AT));
    assert.deepEqual(world.types(), ['email.sent', 'email.delivered']);
    assert.ok(!world.calls.includes('getMessage'));
  });
});

describe('what is told of suppressions and domains', () => {
  const entry: Suppression = {
    ...{ suppressionId: '01a207d9-2100-7abc-8def-000000000001', address: 'bob@example.net' },
    ...{
      origin: 'bounce',
      sourceMessageId: MESSAGE_ID,
      createdAt: '2026-11-23T10:00:05.000Z',
      reason: 'General',
    },
  };

  test('an entry that comes and goes is told, and another cause for it is not', async () => {
    const world = createPublishWorld([]);
    await world.receive(suppressionRecord('account', { after: entry }, AT));
    await world.receive(
      suppressionRecord('account', { before: entry, after: { ...entry, revision: 1 } }, AT),
    );
    await world.receive(suppressionRecord('account', { before: entry }, AT + 60_000));
    assert.deepEqual(world.types(), ['suppression.added', 'suppression.removed']);
    assert.deepEqual(world.events[0]?.data, {
      ...{ id: entry.suppressionId, email: 'bob@example.net', origin: 'bounce', source_id: MESSAGE_ID },
      created_at: entry.createdAt,
    });
  });

  test('an entry of a tenant or a stream is told to its tenant, with the stream', async () => {
    const world = createPublishWorld([]);
    await world.receive(suppressionRecord('tenant:acme/stream:news', { after: entry }, AT));
    assert.equal(world.events[0]?.tenant, 'acme');
    assert.equal(world.events[0]?.data.stream, 'news');
  });

  test('a domain that is made, verified and removed is told, and a look that finds nothing new is not', async () => {
    const made = aDomain({ identityReadAtEpochMs: 1 });
    const looked = { ...made, identityReadAtEpochMs: 2 };
    const asked = { ...looked, isVerifyAsked: !looked.isVerifyAsked };
    const world = createPublishWorld([]);
    await world.receive(domainRecord({ after: made }, AT));
    await world.receive(domainRecord({ before: made, after: looked }, AT));
    await world.receive(domainRecord({ before: looked, after: asked }, AT));
    await world.receive(domainRecord({ before: asked }, AT));
    assert.deepEqual(world.types(), ['domain.created', 'domain.updated', 'domain.deleted']);
    assert.equal(world.events[0]?.data.name, made.name);
  });

  test('a domain that is made, removed and made again in one second is told each time', async () => {
    const made = aDomain({ createdAt: '2026-11-23T10:00:00.100Z' });
    const again = aDomain({ createdAt: '2026-11-23T10:00:00.900Z' });
    const world = createPublishWorld([]);
    await world.receive(
      ...[{ after: made }, { before: made }, { after: again }].map((images) => domainRecord(images, AT)),
    );
    assert.deepEqual(world.types(), ['domain.created', 'domain.deleted', 'domain.created']);
    assert.equal(new Set(world.events.map(({ id }) => fingerprintOf(id))).size, 3);
  });

  test('other items of the tables are not told', async () => {
    const world = createPublishWorld([]);
    await world.receive(
      otherRecord('messages', { bucket: 'due#2026-11-23T10:00#01', item: '1#x', work: {} }, AT),
      otherRecord('messages', { bucket: 'content#x', item: 'content' }, AT),
      otherRecord('messages', { bucket: 'batch#x', item: 'record', state: 'committed' }, AT),
      otherRecord('suppressions', { subject: 'account', item: 'listing' }, AT),
      otherRecord('catalog', { collection: 'api-keys', item: 'k' }, AT),
    );
    assert.deepEqual(world.events, []);
  });
});
