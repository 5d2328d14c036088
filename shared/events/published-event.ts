import { createHash } from 'node:crypto';
import type { EventType } from './event-types.ts';

/** One thing that happened, as the log keeps it and subscribers get it. There is one for each stored fact. */
export interface PublishedEvent {
  /** Id by `eventIdOf`: the same for the same fact, however often it is read; in the order of `createdAt`. */
  readonly id: string;
  readonly type: EventType;
  readonly tenant: string;
  /** Time at which it happened, ISO 8601. */
  readonly createdAt: string;
  /** The payload of the contract, field for field. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Stream of the mail; absent where it is about none. */
  readonly stream?: string;
  /** A program has opened or clicked, and no person has read. */
  readonly isMachine?: true;
  /** Number of recipients it stands for, where it is about a mail as a whole that has more than one. */
  readonly recipientCount?: number;
  /** It is told of recipients in place of `email.sent`: SES was not given their mail, or it is not known that it was. */
  readonly isInsteadOfSent?: true;
  /** The first time that a person has opened, or clicked in, this mail. */
  readonly isFirst?: true;
}

const ID = /^msg_[\da-f]{32}$/;
/** Digits of a time: 48 bits of milliseconds, as UUIDv7 has them. */
const TIME_DIGITS = 12;
const HASH_DIGITS = 20;

/**
 * Id of an event: `msg_`, the time in 12 hex digits and 20 of a hash. It is the id of the event in the log
 * and, as the contract has it, of the webhook message (`svix-id`): a reader that catches up from the log
 * knows what the webhook has brought.
 * @param fact parts that make the fact itself among all facts of all tenants, such as tenant, message id and
 * fact key
 */
export function eventIdOf(createdAtEpochMs: number, ...fact: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(fact)).digest('hex').slice(0, HASH_DIGITS);
  return eventIdAt(createdAtEpochMs, hash);
}

/** The id of a time and a hash of 20 digits. */
export function eventIdAt(createdAtEpochMs: number, hash: string): string {
  const time = Math.max(0, createdAtEpochMs).toString(16).padStart(TIME_DIGITS, '0');
  return `msg_${time}${hash}`;
}

export const isEventId = (text: string): boolean => ID.test(text);

/** Epoch milliseconds of `createdAt`. */
export const eventTimeOf = (eventId: string): number =>
  Number.parseInt(eventId.slice(4, 4 + TIME_DIGITS), 16);

/** The digits that tell a fact from all others. */
export const eventHashOf = (eventId: string): string => eventId.slice(4 + TIME_DIGITS);
