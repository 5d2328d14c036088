import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { createMessageDays } from '../../../shared/messages/adapters/message-days.ts';
import { createMessageRecords } from '../../../shared/messages/adapters/messages-table-records.ts';
import { createMessageRows } from '../../../shared/messages/adapters/messages-table-rows.ts';
import { createSweepCursors } from '../../../shared/messages/adapters/sweep-cursors-table.ts';
import type { Fact } from '../../../shared/messages/delivery-event.ts';
import type { Message } from '../../../shared/messages/message.ts';
import { anId, NOON } from '../messages/message-builders.ts';
import { EXPIRES_AT, type RowKind } from './row-kind.ts';

const TENANT = 'acme';

const inEveryField: Message = {
  messageId: anId(NOON, 1),
  tenant: TENANT,
  stream: 'news',
  from: 'Shop <shop@example.com>',
  to: ['Ann <ann@example.net>'],
  cc: ['bob@example.net'],
  bcc: ['carl@example.net'],
  replyTo: ['help@example.com'],
  subject: 'Grüße',
  tags: [{ name: 'campaign', value: 'autumn' }],
  tracking: { opens: true, clicks: false },
  batchId: 'batch-1',
  contentKeptUntilEpochSeconds: EXPIRES_AT,
  expiresAtEpochSeconds: EXPIRES_AT,
  scheduledAtEpochMs: NOON + 60_000,
  deferredUntilEpochMs: NOON + 1_800_000,
  status: 'scheduled',
  attempt: 0,
};

const plain: Message = {
  messageId: anId(NOON, 2),
  tenant: TENANT,
  stream: 'transactional',
  from: 'shop@example.com',
  to: ['ann@example.net'],
  cc: [],
  bcc: [],
  replyTo: [],
  subject: 'Hello',
  tags: [],
  expiresAtEpochSeconds: EXPIRES_AT,
  status: 'accepted',
  attempt: 0,
};

/** Every status that a row can be in, each with what goes with it. */
const messages: readonly Message[] = [
  inEveryField,
  plain,
  { ...plain, messageId: anId(NOON, 3), status: 'accepted', statusReason: 'ThrottlingException: slow' },
  { ...plain, messageId: anId(NOON, 4), status: 'canceled' },
  { ...plain, messageId: anId(NOON, 5), status: 'sending', attempt: 1, leaseUntilEpochMs: NOON + 150_000 },
  {
    ...plain,
    messageId: anId(NOON, 6),
    status: 'unknown',
    attempt: 1,
    statusReason: 'no_answer: ECONNRESET',
    unknownSinceEpochMs: NOON,
  },
  {
    ...plain,
    messageId: anId(NOON, 7),
    status: 'sent',
    attempt: 2,
    sesMessageId: 'ses-1',
    sentAtEpochMs: NOON + 2_000,
    suppressedRecipients: ['bob@example.net'],
  },
  {
    ...plain,
    messageId: anId(NOON, 8),
    status: 'suppressed',
    attempt: 1,
    endedAtEpochMs: NOON + 2_000,
    suppressedRecipients: ['ann@example.net'],
  },
  {
    ...plain,
    messageId: anId(NOON, 9),
    status: 'failed',
    attempt: 2,
    statusReason: 'outcome_unknown',
    endedAtEpochMs: NOON + 2_000,
  },
];

const factOf = (fact: Pick<Fact, 'kind'> & Partial<Fact>): Fact => ({
  messageId: plain.messageId,
  occurredAt: '2026-12-01T12:00:05.000Z',
  attempt: 1,
  sesMessageId: 'ses-1',
  ...fact,
});

const facts: readonly Fact[] = [
  factOf({ kind: 'sent' }),
  factOf({ kind: 'delivered', recipient: 'ann@example.net', detail: { smtpResponse: '250 OK' } }),
  factOf({
    kind: 'bounced',
    recipient: 'ann@example.net',
    discriminator: 'feedback-1',
    detail: {
      bounceType: 'Permanent',
      bounceSubType: 'General',
      diagnosticCode: '550',
      feedbackId: 'feedback-1',
    },
  }),
  factOf({
    kind: 'complained',
    recipient: 'ann@example.net',
    detail: { complaintFeedbackType: 'abuse', isAmbiguous: true },
  }),
  factOf({
    kind: 'clicked',
    recipient: 'ann@example.net',
    discriminator: 'https://example.com/',
    detail: { link: 'https://example.com/', userAgent: 'a', ipAddress: '192.0.2.1', isMachine: true },
  }),
  factOf({ kind: 'unsubscribed', recipient: 'ann@example.net' }),
];

const content = {
  html: '<p>Grüße</p>',
  text: 'Grüße',
  headers: { 'X-Campaign': 'autumn' },
  attachments: [
    {
      attachmentId: 'a1',
      filename: 'a.pdf',
      contentType: 'application/pdf',
      contentId: 'logo',
      objectKey: 'attachments/m/a1',
      sizeBytes: 4,
    },
    {
      attachmentId: 'a2',
      filename: 'b.pdf',
      contentType: 'application/pdf',
      objectKey: 'fetched/m/a2',
      url: 'https://example.com/b.pdf',
    },
  ],
};

const record = {
  requestHash: 'hash',
  reply: '{"id":"x"}',
  messageIds: [anId(NOON, 1)],
  batchId: 'batch-1',
  createdAtEpochMs: NOON,
};

export const MESSAGE_ROWS: readonly RowKind[] = [
  {
    name: 'message-row-v2',
    write: (client) =>
      Promise.all(messages.map((row) => createMessageRows(client, 'messages').putMessageIfAbsent(row))),
    read: (client) =>
      Promise.all(
        messages.map(({ messageId }) => createMessageRows(client, 'messages').getMessage(TENANT, messageId)),
      ),
  },
  {
    name: 'fact-row-v1',
    async write(client) {
      const rows = createMessageRows(client, 'messages');
      await rows.putMessageIfAbsent(plain);
      for (const fact of facts) await rows.appendFact(TENANT, fact, EXPIRES_AT);
    },
    read: async (client) =>
      (await createMessageRows(client, 'messages').getTimeline(TENANT, plain.messageId))?.facts,
  },
  {
    name: 'fence-row-v1',
    write: (client) => createMessageRows(client, 'messages').fence(TENANT, anId(NOON, 1), EXPIRES_AT),
    read: async (client) => {
      const put = createMessageRows(client, 'messages').putMessageIfAbsent(inEveryField);
      return { kind: (await put).kind };
    },
  },
  {
    name: 'content-row-v1',
    write: (client) => createMessageRecords(client, 'messages').putContent('m', content, EXPIRES_AT),
    read: (client) => createMessageRecords(client, 'messages').getContent('m'),
  },
  {
    name: 'idempotency-row-v1',
    write: (client) =>
      createMessageRecords(client, 'messages').putIdempotencyRecordIfAbsent(TENANT, 'k', record),
    read: (client) =>
      createMessageRecords(client, 'messages').putIdempotencyRecordIfAbsent(TENANT, 'k', {
        ...record,
        requestHash: 'another',
      }),
  },
  {
    name: 'batch-row-v1',
    async write(client) {
      const records = createMessageRecords(client, 'messages');
      const scheduled = { tenant: TENANT, messageIds: [anId(NOON, 1)] };
      await records.endBatch('batch-1', 'committed', EXPIRES_AT, scheduled);
      await records.endBatch('batch-2', 'aborted', EXPIRES_AT);
    },
    read: (client) =>
      Promise.all(
        ['batch-1', 'batch-2'].map((id) => createMessageRecords(client, 'messages').getBatchState(id)),
      ),
  },
  {
    name: 'failure-row-v1',
    write: (client) =>
      createMessageRecords(client, 'messages').putFailureRecord({
        recordId: 'record-1',
        messageId: plain.messageId,
        queue: 'send',
        reason: 'UnreadableRecordError: no job',
        receiveCount: 5,
        failedAtEpochMs: NOON,
      }),
    /** Read by operators alone (`docs/runbook.md`). */
    async read(client) {
      const Key = marshall({ bucket: 'failure#record-1', item: 'record' });
      const { Item = {} } = await client.send(new GetItemCommand({ TableName: 'messages', Key }));
      return unmarshall(Item);
    },
  },
  {
    name: 'message-day-row-v1',
    write: (client) => createMessageDays(client, 'catalog').remember(TENANT, anId(NOON, 1)),
    read: (client) => createMessageDays(client, 'catalog').list(TENANT, '0000-00-00', '9999-99-99'),
  },
  {
    name: 'sweep-cursor-row-v1',
    write: (client) => createSweepCursors(client, 'catalog').advance(TENANT, 'unqueued', NOON),
    read: (client) => createSweepCursors(client, 'catalog').get(TENANT, 'unqueued'),
  },
];
