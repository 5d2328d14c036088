import type { Fact } from '../../../shared/messages/delivery-event.ts';
import type { Message } from '../../../shared/messages/message.ts';

/** 2026-11-23T10:00:00.000Z, when the built message was accepted. */
export const ACCEPTED_AT_EPOCH_MS = Date.parse('2026-11-23T10:00:00.000Z');

export const MESSAGE_ID = '01a207d9-2100-7abc-8def-0123456789ab';

export function buildMessage(overrides: Partial<Message> = {}): Message {
  return {
    messageId: MESSAGE_ID,
    tenant: 'default',
    stream: 'transactional',
    from: 'Shop <shop@example.com>',
    to: ['ann@example.net'],
    cc: [],
    bcc: [],
    replyTo: [],
    subject: 'Your order',
    tags: [],
    expiresAtEpochSeconds: ACCEPTED_AT_EPOCH_MS / 1000 + 30 * 86_400,
    status: 'sent',
    attempt: 1,
    sesMessageId: 'ses-1',
    sentAtEpochMs: ACCEPTED_AT_EPOCH_MS + 1000,
    ...overrides,
  };
}

/** A row as accept leaves it. */
export function buildAccepted(overrides: Partial<Message> = {}): Message {
  const { sesMessageId: _id, sentAtEpochMs: _sentAt, ...rest } = buildMessage();
  return { ...rest, status: 'accepted', attempt: 0, ...overrides };
}

export function buildFact(overrides: Partial<Fact> = {}): Fact {
  return {
    messageId: MESSAGE_ID,
    kind: 'delivered',
    recipient: 'ann@example.net',
    occurredAt: '2026-11-23T10:00:05.000Z',
    attempt: 1,
    sesMessageId: 'ses-1',
    ...overrides,
  };
}
