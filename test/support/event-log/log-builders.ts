import { createHash } from 'node:crypto';
import type { LogEntry } from '../../../shared/event-log/ports.ts';
import { eventIdOf, type PublishedEvent } from '../../../shared/events/published-event.ts';
import { NOON } from '../messages/message-builders.ts';

/** An event of its own: its id follows from `fact`. */
export function anEvent(fact: string | number = 0, overrides: Partial<PublishedEvent> = {}): PublishedEvent {
  const createdAt = overrides.createdAt ?? new Date(NOON).toISOString();
  return {
    id: eventIdOf(Date.parse(createdAt), 'default', String(fact)),
    type: 'email.delivered',
    tenant: 'default',
    createdAt,
    data: { fact },
    ...overrides,
  };
}

/** Stored at some second. */
export const anEntry = (event: PublishedEvent, recordedAtEpochMs = NOON): LogEntry => ({
  event,
  recordedAtEpochMs: Math.floor(recordedAtEpochMs / 1000) * 1000,
});

const NAMES = [
  'anna',
  'ben',
  'clara',
  'david',
  'emma',
  'felix',
  'greta',
  'hans',
  'ida',
  'jonas',
  'karl',
  'lena',
];
const HOSTS = ['gmail.com', 'outlook.com', 'example.org', 'web.de'];

/** Digits that look like chance and are the same each time. */
const digitsOf = (seed: string, count: number): string =>
  createHash('sha256').update(seed).digest('hex').slice(0, count);

const numberOf = (seed: string, limit: number): number => Number.parseInt(digitsOf(seed, 8), 16) % limit;

/** `sent` or `delivered`, of a receipt to one address of its own, with the ids that SES and we give. */
export function aMailEvent(index: number): PublishedEvent {
  const pick = (what: string, limit: number) => numberOf(`${what} ${index}`, limit);
  const createdAtEpochMs = NOON + index * 10 + pick('created', 10);
  const time = createdAtEpochMs.toString(16).padStart(12, '0');
  const tail = digitsOf(`tail ${index}`, 18);
  const ses = digitsOf(`ses ${index}`, 32);
  const sesTime = (createdAtEpochMs + 200 + pick('sent', 1_500)).toString(16).padStart(12, '0');
  const name = `${NAMES[pick('first', NAMES.length)]}.${NAMES[pick('last', NAMES.length)]}${pick('number', 1_000)}`;
  const type = index % 2 === 0 ? 'email.sent' : 'email.delivered';
  return anEvent(`${type} ${index}`, {
    type,
    createdAt: new Date(createdAtEpochMs + 300 + pick('told', 2_000)).toISOString(),
    stream: 'transactional',
    data: {
      email_id: `${time.slice(0, 8)}-${time.slice(8)}-7${tail.slice(0, 3)}-8${tail.slice(3, 6)}-${tail.slice(6)}`,
      message_id: `<0100${sesTime}-${uuidOf(ses)}-000000@email.amazonses.com>`,
      created_at: new Date(createdAtEpochMs).toISOString(),
      from: 'Acme <hello@example.com>',
      to: [`${name}@${HOSTS[pick('host', HOSTS.length)]}`],
      subject: 'Your receipt from Acme',
      tags: { kind: 'receipt' },
    },
  });
}

const uuidOf = (digits: string): string =>
  digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

/** Text that does not compress to less than three quarters. */
export function noise(seed: string | number, bytes: number): string {
  const hashes = Array.from({ length: Math.ceil(bytes / 43) }, (_, index) =>
    createHash('sha256').update(`${seed} ${index}`).digest('base64url'),
  );
  return hashes.join('').slice(0, bytes);
}
