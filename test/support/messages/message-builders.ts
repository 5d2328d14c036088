import type { Fact } from '../../../shared/messages/delivery-event.ts';
import type { Message } from '../../../shared/messages/message.ts';

/** 2026-11-23T12:00:00Z */
export const NOON = Date.UTC(2026, 10, 23, 12);

/** A UUIDv7 of a moment; `tail` (up to 12 hex digits) decides its shard. */
export function anId(epochMs: number = NOON, tail = 0): string {
  const time = epochMs.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${tail.toString(16).padStart(12, '0')}`;
}

export function aMessage(overrides: Partial<Message> = {}): Message {
  return {
    messageId: anId(),
    tenant: 'default',
    stream: 'transactional',
    from: 'Acme <hello@example.com>',
    to: ['reader@example.org'],
    cc: [],
    bcc: [],
    replyTo: [],
    subject: 'Hello',
    tags: [],
    expiresAtEpochSeconds: NOON / 1000 + 90 * 86_400,
    status: 'accepted',
    attempt: 0,
    ...overrides,
  };
}

export function aFact(overrides: Partial<Fact> = {}): Fact {
  return {
    messageId: anId(),
    kind: 'delivered',
    recipient: 'reader@example.org',
    occurredAt: '2026-11-23T12:00:05.000Z',
    attempt: 1,
    sesMessageId: '0100019ab-ses',
    ...overrides,
  };
}
