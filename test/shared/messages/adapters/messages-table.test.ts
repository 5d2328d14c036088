import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { MessageContent } from '../../../../shared/mail/mail-content.ts';
import { createMessagesTable } from '../../../../shared/messages/adapters/messages-table.ts';
import type { IdempotencyRecord } from '../../../../shared/messages/idempotency-record.ts';
import type { Message } from '../../../../shared/messages/message.ts';
import type { Messages } from '../../../../shared/messages/ports.ts';
import { startDynalite } from '../../../support/aws/dynalite.ts';
import { aFact, aMessage, anId, NOON } from '../../../support/messages/message-builders.ts';

const HOUR_MS = 3_600_000;
const EXPIRY = NOON / 1000 + 86_400;

let client: DynamoDBClient;
let stop: () => Promise<void>;
let messages: Messages;

before(async () => {
  ({ client, stop } = await startDynalite());
  messages = createMessagesTable({ client, tableName: 'messages', catalogTableName: 'catalog' });
});
after(() => stop());

/** A tenant of its own keeps a test's items apart. */
let tenants = 0;
const aTenant = () => `tenant-${++tenants}`;

let claims = 0;
const aClaim = (overrides: Partial<Parameters<Messages['claim']>[2]> = {}) => ({
  claimId: anId(NOON, ++claims),
  nowEpochMs: NOON,
  leaseUntilEpochMs: NOON + 60_000,
  resendUnknown: false,
  ...overrides,
});

async function aStoredMessage(overrides: Parameters<typeof aMessage>[0] = {}) {
  const message = aMessage({ tenant: aTenant(), ...overrides });
  await messages.putMessageIfAbsent(message);
  return message;
}

describe('message rows', () => {
  test('gives back the message that was put, empty lists included', async () => {
    const message = await aStoredMessage({
      cc: ['copy@example.org'],
      tags: [{ name: 'kind', value: 'receipt' }],
      tracking: { opens: false, clicks: true },
      batchId: anId(NOON, 7),
      contentKeptUntilEpochSeconds: EXPIRY,
    });
    assert.deepEqual(await messages.getMessage(message.tenant, message.messageId), message);
    assert.deepEqual((await messages.getTimeline(message.tenant, message.messageId))?.message, message);
  });

  test('answers `exists` with the row that is there when an id is put again', async () => {
    const message = await aStoredMessage({ subject: 'First' });
    const answer = await messages.putMessageIfAbsent({ ...message, subject: 'Second' });
    assert.deepEqual(answer, { kind: 'exists', existing: message });
  });

  test('keeps a typical row under 1 KB from its first write to its last', async () => {
    const tracking = { opens: false, clicks: false };
    const message = await aStoredMessage({ contentKeptUntilEpochSeconds: EXPIRY, tracking });
    const rowSize = async () => {
      const { Items = [] } = await client.send(new ScanCommand({ TableName: 'messages' }));
      const row = Items.find(
        ({ item, bucket }) => item?.S === message.messageId && bucket?.S?.startsWith(message.tenant),
      );
      return JSON.stringify(row).length;
    };
    await messages.claim(message.tenant, message.messageId, aClaim({ leaseUntilEpochMs: NOON }));
    assert.ok((await rowSize()) < 1024);
    const moved = await messages.advance(
      message.tenant,
      message.messageId,
      { status: 'sending', attempt: 1 },
      {
        to: 'sent',
        sesMessageId: '0100019ab1c2d3e4-00000000-0000-0000-0000-000000000000-000000',
        sentAtEpochMs: NOON,
        suppressedRecipients: [],
      },
    );
    assert.equal(moved, true);
    assert.ok((await rowSize()) < 1024);
  });

  test('answers nothing for an id that is not there', async () => {
    assert.equal(await messages.getMessage('nobody', anId()), undefined);
    assert.equal(await messages.getTimeline('nobody', anId()), undefined);
  });
});

describe('claim', () => {
  test('takes an accepted message once, and shows the holder to the second caller', async () => {
    const { tenant, messageId } = await aStoredMessage();
    const [first, second] = [
      await messages.claim(tenant, messageId, aClaim()),
      await messages.claim(tenant, messageId, aClaim()),
    ];
    assert.equal(first.kind === 'claimed' && first.message.attempt, 1);
    assert.equal(second.kind === 'refused' && second.message.status, 'sending');
  });

  test('one of many at once wins', async () => {
    const { tenant, messageId } = await aStoredMessage();
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => messages.claim(tenant, messageId, aClaim())),
    );
    assert.equal(answers.filter(({ kind }) => kind === 'claimed').length, 1);
  });

  test('a claim whose reply was lost is known again as our own, and counts once', async () => {
    const { tenant, messageId } = await aStoredMessage();
    const own = aClaim();
    await messages.claim(tenant, messageId, own);
    const again = await messages.claim(tenant, messageId, own);
    assert.deepEqual([again.kind, again.kind === 'claimed' && again.message.attempt], ['claimed', 1]);
    await messages.advance(
      tenant,
      messageId,
      { status: 'sending', attempt: 1 },
      { to: 'unknown', statusReason: 'lease_expired', unknownSinceEpochMs: NOON },
    );
    assert.equal((await messages.claim(tenant, messageId, own)).kind, 'refused');
  });

  test('answers absent for a message that is not there, and creates none', async () => {
    const messageId = anId(NOON, 99);
    assert.deepEqual(await messages.claim('nobody', messageId, aClaim()), { kind: 'absent' });
    assert.equal(await messages.getMessage('nobody', messageId), undefined);
  });

  test('resends an unknown outcome only when asked to, and only after the first attempt', async () => {
    const message = await aStoredMessage({ status: 'unknown', attempt: 1, unknownSinceEpochMs: NOON });
    const { tenant, messageId } = message;
    assert.equal((await messages.claim(tenant, messageId, aClaim())).kind, 'refused');
    const resend = await messages.claim(tenant, messageId, aClaim({ resendUnknown: true }));
    assert.equal(resend.kind === 'claimed' && resend.message.attempt, 2);

    const twice = await aStoredMessage({ status: 'unknown', attempt: 2 });
    const refused = await messages.claim(twice.tenant, twice.messageId, aClaim({ resendUnknown: true }));
    assert.equal(refused.kind, 'refused');
  });
});

describe('a scheduled message', () => {
  const due = NOON + 3_600_000;
  const claimAt = (nowEpochMs: number) => aClaim({ nowEpochMs, leaseUntilEpochMs: nowEpochMs + 60_000 });
  const aScheduled = (overrides: Partial<Message> = {}) =>
    aStoredMessage({ status: 'scheduled', scheduledAtEpochMs: due, ...overrides });

  test('it can be claimed from its time on and not before, and keeps its time', async () => {
    const { tenant, messageId } = await aScheduled();
    const early = await messages.claim(tenant, messageId, claimAt(due - 1));
    assert.equal(early.kind === 'refused' && early.message.status, 'scheduled');
    const claimed = await messages.claim(tenant, messageId, claimAt(due));
    assert.equal(claimed.kind, 'claimed');
    assert.equal(claimed.kind === 'claimed' && claimed.message.scheduledAtEpochMs, due);
  });

  test('it can be canceled once, and not claimed after that', async () => {
    const message = await aScheduled();
    const { tenant, messageId } = message;
    assert.equal(await messages.advance(tenant, messageId, message, { to: 'canceled' }), true);
    assert.equal(await messages.advance(tenant, messageId, message, { to: 'canceled' }), false);
    const refused = await messages.claim(tenant, messageId, claimAt(due));
    assert.equal(refused.kind === 'refused' && refused.message.status, 'canceled');
  });

  test('it moves with everything that is kept until some time after it', async () => {
    const message = await aScheduled({ contentKeptUntilEpochSeconds: EXPIRY });
    const { tenant, messageId } = message;
    const kept = {
      scheduledAtEpochMs: due + 1,
      expiresAtEpochSeconds: EXPIRY + 2,
      contentKeptUntilEpochSeconds: EXPIRY + 3,
    };
    assert.equal(await messages.advance(tenant, messageId, message, { to: 'scheduled', ...kept }), true);
    const row = await messages.getMessage(tenant, messageId, { consistent: true });
    assert.deepEqual(row, { ...message, ...kept });
  });

  test('one of an aborted batch is removed while no worker has claimed it', async () => {
    const { tenant, messageId } = await aScheduled();
    await messages.deleteUnsent(tenant, messageId);
    assert.equal(await messages.getMessage(tenant, messageId, { consistent: true }), undefined);
  });
});

describe('a message that is held back', () => {
  const defer = ({ tenant, messageId, scheduledAtEpochMs }: Message, nowEpochMs: number) =>
    messages.defer(tenant, messageId, { nowEpochMs, untilEpochMs: nowEpochMs + HOUR_MS, scheduledAtEpochMs });

  test('it can be deferred to one time, and to another once that has come', async () => {
    const message = await aStoredMessage();
    assert.equal(await defer(message, NOON), true);
    assert.equal(await defer(message, NOON + HOUR_MS - 1), false);
    assert.equal(await defer(message, NOON + HOUR_MS), true);
    const row = await messages.getMessage(message.tenant, message.messageId, { consistent: true });
    assert.deepEqual(row, { ...message, deferredUntilEpochMs: NOON + 2 * HOUR_MS });
  });

  test('a deferred message can be claimed all the same, and is not put aside after that', async () => {
    const { tenant, messageId, ...rest } = await aStoredMessage();
    await defer({ tenant, messageId, ...rest }, NOON);
    assert.equal((await messages.claim(tenant, messageId, aClaim())).kind, 'claimed');
    assert.equal(await defer({ tenant, messageId, ...rest }, NOON + 2 * HOUR_MS), false);
  });

  test('moving a message to another time forgets that it was held back', async () => {
    const message = await aStoredMessage({ status: 'scheduled', scheduledAtEpochMs: NOON });
    await defer(message, NOON);
    const later = { scheduledAtEpochMs: NOON + 5 * HOUR_MS, expiresAtEpochSeconds: EXPIRY };
    const move = { to: 'scheduled', ...later } as const;
    assert.equal(await messages.advance(message.tenant, message.messageId, message, move), true);
    const row = await messages.getMessage(message.tenant, message.messageId, { consistent: true });
    assert.equal(row?.deferredUntilEpochMs, undefined);
  });

  test('a reader of another time of it cannot defer it', async () => {
    const message = await aStoredMessage({ status: 'scheduled', scheduledAtEpochMs: NOON });
    assert.equal(await defer({ ...message, scheduledAtEpochMs: NOON - 1 }, NOON), false);
    const { scheduledAtEpochMs: _time, ...unscheduled } = message;
    assert.equal(await defer(unscheduled, NOON), false);
    assert.equal(await defer(message, NOON), true);
  });

  test('a deferral makes no row', async () => {
    assert.equal(await defer(aMessage({ tenant: aTenant() }), NOON), false);
  });
});

describe('advance', () => {
  test('a row that has moved on stays as it is', async () => {
    const { tenant, messageId } = await aStoredMessage({ status: 'sending', attempt: 2 });
    const from = { status: 'sending', attempt: 1 } as const;
    assert.equal(
      await messages.advance(tenant, messageId, from, {
        to: 'failed',
        statusReason: 'no',
        endedAtEpochMs: 1,
      }),
      false,
    );
    assert.equal((await messages.getMessage(tenant, messageId))?.status, 'sending');
  });

  test('advance leaves nothing of the state before', async () => {
    const { tenant, messageId } = await aStoredMessage({
      status: 'unknown',
      statusReason: 'timeout',
      attempt: 1,
      unknownSinceEpochMs: NOON,
      leaseUntilEpochMs: NOON,
    });
    const from = { status: 'unknown', attempt: 1 } as const;
    const move = {
      to: 'sent',
      sesMessageId: 'ses-1',
      sentAtEpochMs: NOON,
      suppressedRecipients: ['gone@example.org'],
    } as const;
    assert.equal(await messages.advance(tenant, messageId, from, move), true);
    const { statusReason, unknownSinceEpochMs, leaseUntilEpochMs, ...rest } = {
      statusReason: undefined,
      unknownSinceEpochMs: undefined,
      leaseUntilEpochMs: undefined,
      ...(await messages.getMessage(tenant, messageId)),
    };
    assert.deepEqual(
      [statusReason, unknownSinceEpochMs, leaseUntilEpochMs],
      [undefined, undefined, undefined],
    );
    assert.equal(rest.status, 'sent');
    assert.deepEqual(rest.suppressedRecipients, ['gone@example.org']);
  });

  test('advance gives the attempt back with the claim after a definite no', async () => {
    const { tenant, messageId } = await aStoredMessage({ status: 'sending', attempt: 1 });
    const from = { status: 'sending', attempt: 1 } as const;
    await messages.advance(tenant, messageId, from, { to: 'accepted', statusReason: 'throttled' });
    const message = await messages.getMessage(tenant, messageId);
    assert.deepEqual([message?.status, message?.attempt], ['accepted', 0]);
  });

  test('removes an unsent message, and never one that was attempted', async () => {
    const unsent = await aStoredMessage();
    const attempted = await aStoredMessage({ attempt: 1 });
    for (const { tenant, messageId } of [unsent, attempted]) await messages.deleteUnsent(tenant, messageId);
    assert.equal(await messages.getMessage(unsent.tenant, unsent.messageId), undefined);
    assert.ok(await messages.getMessage(attempted.tenant, attempted.messageId));
  });
});

describe('facts', () => {
  test('each fact is stored once, beside its message', async () => {
    const { tenant, messageId } = await aStoredMessage();
    const fact = aFact({ messageId, detail: { smtpResponse: '250 ok', isMachine: true } });
    assert.equal(await messages.appendFact(tenant, fact, EXPIRY), true);
    assert.equal(await messages.appendFact(tenant, fact, EXPIRY), false);
    assert.deepEqual((await messages.getTimeline(tenant, messageId))?.facts, [fact]);
  });

  test('facts fit their key with a link of any length', async () => {
    const { tenant, messageId } = await aStoredMessage();
    const link = `https://example.com/?q=${'x'.repeat(2000)}`;
    const facts = [`${link}a`, `${link}b`].map((discriminator) =>
      aFact({ messageId, kind: 'clicked', discriminator }),
    );
    for (const fact of facts) assert.equal(await messages.appendFact(tenant, fact, EXPIRY), true);
    assert.equal((await messages.getTimeline(tenant, messageId))?.facts.length, 2);
  });
});

describe('messages by time', () => {
  test('pages newest first over shards and days, forwards and backwards', async () => {
    const tenant = aTenant();
    const ids = Array.from({ length: 45 }, (_, index) => anId(NOON - index * HOUR_MS, index * 7919));
    for (const messageId of ids) await messages.putMessageIfAbsent(aMessage({ tenant, messageId }));
    await messages.appendFact(tenant, aFact({ messageId: ids[0] ?? '' }), EXPIRY);

    const first = await messages.listMessages(tenant, { limit: 20 });
    assert.deepEqual(
      first.messages.map(({ message }) => message.messageId),
      ids.slice(0, 20),
    );
    assert.equal(first.hasMore, true);
    assert.equal(first.messages[0]?.facts.length, 1);

    const last = await messages.listMessages(tenant, { limit: 30, after: ids[19] ?? '' });
    assert.deepEqual(
      last.messages.map(({ message }) => message.messageId),
      ids.slice(20),
    );
    assert.equal(last.hasMore, false);

    const back = await messages.listMessages(tenant, { limit: 10, before: ids[20] ?? '' });
    assert.deepEqual(
      back.messages.map(({ message }) => message.messageId),
      ids.slice(10, 20),
    );
    assert.equal(back.hasMore, true);
  });

  test('pages over more items than one query of a shard brings', async () => {
    const tenant = aTenant();
    const ids = Array.from({ length: 60 }, (_, index) => anId(NOON - index, 32 * index));
    for (const messageId of ids) {
      await messages.putMessageIfAbsent(aMessage({ tenant, messageId }));
      await messages.appendFact(tenant, aFact({ messageId }), EXPIRY);
    }
    const page = await messages.listMessages(tenant, { limit: 100 });
    assert.deepEqual(
      page.messages.map(({ message }) => message.messageId),
      ids,
    );
    assert.ok(page.messages.every(({ facts }) => facts.length === 1));
  });

  test('knows nothing of another tenant', async () => {
    await aStoredMessage();
    assert.deepEqual(await messages.listMessages(aTenant(), { limit: 5 }), { messages: [], hasMore: false });
  });

  test('walks a window oldest first, its end left out', async () => {
    const tenant = aTenant();
    const ids = [0, 1, 2, 3].map((hours) => anId(NOON - hours * 12 * HOUR_MS, 1 + hours));
    for (const messageId of ids) await messages.putMessageIfAbsent(aMessage({ tenant, messageId }));
    const found: string[] = [];
    const window = { fromEpochMs: NOON - 24 * HOUR_MS, toEpochMs: NOON };
    for await (const { message } of messages.queryWindow(tenant, window)) found.push(message.messageId);
    assert.deepEqual(found, [ids[2], ids[1]]);
  });
});

describe('content', () => {
  test('content comes back as it was, and is gone after its deletion', async () => {
    const content: MessageContent = {
      html: `<p>Grüße ${'x'.repeat(5000)}</p>`,
      headers: { 'X-Order': '42' },
      attachments: [
        {
          attachmentId: anId(),
          filename: 'a.pdf',
          contentType: 'application/pdf',
          objectKey: 'attachments/a/b',
        },
      ],
    };
    await messages.putContent(anId(), content, EXPIRY);
    assert.deepEqual(await messages.getContent(anId()), content);
    await messages.deleteContent(anId());
    assert.equal(await messages.getContent(anId()), undefined);
  });
});

describe('idempotency records', () => {
  const record = (overrides: Partial<IdempotencyRecord> = {}): IdempotencyRecord => ({
    requestHash: 'hash-1',
    reply: '{"id":"1"}',
    messageIds: [anId()],
    createdAtEpochMs: NOON,
    ...overrides,
  });

  test('idempotency records hold a key for 24 hours by our clock', async () => {
    const tenant = aTenant();
    const put = (createdAtEpochMs: number) =>
      messages.putIdempotencyRecordIfAbsent(tenant, 'key', record({ createdAtEpochMs }));
    assert.deepEqual(await put(NOON), { kind: 'stored' });
    assert.deepEqual(await put(NOON + 24 * HOUR_MS - 1), { kind: 'exists', existing: record() });
    assert.deepEqual(await put(NOON + 24 * HOUR_MS), { kind: 'stored' });
  });

  test('only the run that a record belongs to deletes it', async () => {
    const tenant = aTenant();
    const runs = [
      [record(), { messageIds: ['another'] }],
      [record({ messageIds: [], batchId: 'batch-1' }), { messageIds: [], batchId: 'batch-2' }],
    ] as const;
    for (const [own, another] of runs) {
      await messages.putIdempotencyRecordIfAbsent(tenant, 'key', own);
      await messages.deleteIdempotencyRecord(tenant, 'key', another);
      assert.equal((await messages.putIdempotencyRecordIfAbsent(tenant, 'key', own)).kind, 'exists');
      await messages.deleteIdempotencyRecord(tenant, 'key', own);
      assert.equal((await messages.putIdempotencyRecordIfAbsent(tenant, 'key', own)).kind, 'stored');
      await messages.deleteIdempotencyRecord(tenant, 'key', own);
    }
  });

  test('one of the requests that find the record of a dead run replaces it', async () => {
    const tenant = aTenant();
    const dead = record();
    await messages.putIdempotencyRecordIfAbsent(tenant, 'key', dead);
    const runs = ['one', 'two', 'three'].map((id) => record({ messageIds: [id] }));
    const answers = await Promise.all(
      runs.map((each) => messages.replaceIdempotencyRecord(tenant, 'key', { dead, record: each })),
    );
    assert.equal(answers.filter(Boolean).length, 1);
    const winner = runs[answers.indexOf(true)];
    assert.ok(winner);
    assert.equal(await messages.replaceIdempotencyRecord(tenant, 'key', { dead, record: winner }), true);
  });
});

describe('a fence', () => {
  test('a fence keeps a message out for good and is not read as one', async () => {
    const message = aMessage({ tenant: aTenant() });
    const { tenant, messageId } = message;
    assert.equal(await messages.fence(tenant, messageId, 2_000_000_000), 'fenced');
    assert.equal(await messages.fence(tenant, messageId, 2_000_000_000), 'fenced');
    await messages.putMessageIfAbsent(message);
    assert.equal(await messages.getMessage(tenant, messageId, { consistent: true }), undefined);
    assert.equal(await messages.getTimeline(tenant, messageId), undefined);
    assert.deepEqual((await messages.listMessages(tenant, { limit: 5 })).messages, []);
    assert.deepEqual(await messages.claim(tenant, messageId, aClaim()), { kind: 'absent' });
  });

  test('a fence comes too late for a message that is stored', async () => {
    const message = aMessage({ tenant: aTenant() });
    await messages.putMessageIfAbsent(message);
    assert.equal(await messages.fence(message.tenant, message.messageId, 2_000_000_000), 'stored');
    assert.deepEqual(await messages.getMessage(message.tenant, message.messageId), message);
  });

  test('a fence takes the place of a stored, never attempted message where it is told to', async () => {
    const message = aMessage({ tenant: aTenant() });
    const { tenant, messageId } = message;
    await messages.putMessageIfAbsent(message);
    assert.equal(await messages.fence(tenant, messageId, 2_000_000_000, 'unsent'), 'fenced');
    assert.equal(await messages.fence(tenant, messageId, 2_000_000_000, 'unsent'), 'fenced');
    assert.equal(await messages.getMessage(tenant, messageId, { consistent: true }), undefined);

    const attempted = aMessage({ tenant, messageId: anId(NOON, 700) });
    await messages.putMessageIfAbsent(attempted);
    await messages.claim(tenant, attempted.messageId, aClaim());
    assert.equal(await messages.fence(tenant, attempted.messageId, 2_000_000_000, 'unsent'), 'stored');
  });
});

describe('batch records', () => {
  test('batch records keep the first of commit and abort', async () => {
    const batchId = anId(NOON, 500);
    assert.equal(await messages.getBatchState(batchId), undefined);
    assert.equal(await messages.endBatch(batchId, 'committed', EXPIRY), 'committed');
    assert.equal(await messages.endBatch(batchId, 'aborted', EXPIRY), 'committed');
    assert.equal(await messages.getBatchState(batchId), 'committed');
  });

  test('one of two that come at once wins', async () => {
    const batchId = anId(NOON, 501);
    const answers = await Promise.all(
      (['committed', 'aborted', 'committed', 'aborted'] as const).map((state) =>
        messages.endBatch(batchId, state, EXPIRY),
      ),
    );
    assert.equal(new Set(answers).size, 1);
  });
});

test('a failure record is found under the SQS message id', async () => {
  const failure = {
    recordId: 'sqs-1',
    messageId: anId(),
    queue: 'send',
    reason: 'broken',
    receiveCount: 5,
    failedAtEpochMs: NOON,
  };
  await messages.putFailureRecord(failure);
  const { Items = [] } = await client.send(new ScanCommand({ TableName: 'messages' }));
  const item = Items.find(({ bucket }) => bucket?.S === 'failure#sqs-1');
  assert.equal(item?.reason?.S, 'broken');
  assert.equal(item?.messageId?.S, failure.messageId);
  assert.equal(item?.expiresAtEpochSeconds?.N, String(NOON / 1000 + 30 * 86_400));
});
