import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fingerprintOf } from '../../../shared/submission/contract/send-body.ts';
import {
  idempotencyRecordOf,
  isEmpty,
  mayBeUnqueued,
  recipientCountOf,
  routeOf,
  type Submission,
} from '../../../shared/submission/submission.ts';
import { aMessage } from '../../support/messages/message-builders.ts';

const request = {
  from: 'hello@example.com',
  to: ['one@example.org', 'two@example.org'],
  cc: ['one@example.org'],
  bcc: [],
  replyTo: [],
  subject: 'Hello',
  derivesText: false,
  headers: {},
  tags: [],
  attachments: [],
  stream: 'transactional',
};

const aSubmission = (overrides: Partial<Submission> = {}): Submission => ({
  requests: [request],
  isBatch: false,
  fingerprint: 'what was asked',
  replyWith: ([id]) => ({ id }),
  ...overrides,
});

describe('a submission', () => {
  test('a path that ends in /batch is the route of batches', () => {
    assert.deepEqual([routeOf('/emails'), routeOf('/emails/batch')], ['single', 'batch']);
  });

  test('a submission without mail is empty unless an idempotency key asks for it to be remembered', () => {
    const requests: Submission['requests'] = [];
    assert.equal(isEmpty(aSubmission({ requests })), true);
    assert.equal(isEmpty(aSubmission({ requests, idempotencyKey: 'k' })), false);
    assert.equal(isEmpty(aSubmission()), false);
  });

  test('an address that stands twice in a mail counts once, and in two mails twice', () => {
    assert.equal(recipientCountOf(aSubmission({ requests: [request, request] })), 4);
  });

  test('a record keeps the ids, the reply with them and a hash of what was asked', () => {
    const reserved = { kind: 'reserved', messageIds: ['id-1'], batchId: 'batch-1' } as const;
    const record = idempotencyRecordOf(aSubmission(), reserved, 1);
    assert.match(record.requestHash, /^[0-9a-f]{64}$/);
    assert.deepEqual(record, {
      requestHash: record.requestHash,
      reply: '{"id":"id-1"}',
      messageIds: ['id-1'],
      batchId: 'batch-1',
      createdAtEpochMs: 1,
    });
  });

  test('the fingerprint tells route, mode, body and stream apart', () => {
    const input = { route: 'batch', body: '[]', headers: {} } as const;
    const all = [
      fingerprintOf(input, false),
      fingerprintOf(input, true),
      fingerprintOf({ ...input, route: 'single' }, false),
      fingerprintOf({ ...input, body: '[{}]' }, false),
      fingerprintOf({ ...input, headers: { 'x-postlane-stream': 'news' } }, false),
    ];
    assert.equal(new Set(all).size, all.length);
  });
});

test('only a mail that waits for its first attempt at once, with content kept nowhere, may be unqueued', () => {
  const { contentKeptUntilEpochSeconds: _kept, ...row } = aMessage({ status: 'accepted', attempt: 0 });
  const stored = { request: { ...request, stream: row.stream }, message: row };
  assert.equal(mayBeUnqueued(stored), true);
  const others = [
    { ...stored, message: { ...row, status: 'sent' as const } },
    { ...stored, message: { ...row, attempt: 1 } },
    { ...stored, message: { ...row, contentKeptUntilEpochSeconds: 1 } },
    { ...stored, request: { ...stored.request, stream: 'another' } },
    { ...stored, request: { ...stored.request, scheduledAtEpochMs: 1 } },
  ];
  for (const other of others) assert.equal(mayBeUnqueued(other), false);
});
