import { type Fact, factKey, isByMachine } from './delivery-event.ts';
import type { Message } from './message.ts';

/**
 * States that can be known of one recipient; what stands later overturns what stands before it. `delivered`
 * is overturned by a permanent bounce or a complaint alone: a transient bounce beside a delivery is an
 * out-of-office reply, a note.
 */
const OVERTURNS = [
  'queued',
  'scheduled',
  'canceled',
  'failed',
  'sent',
  'suppressed',
  'delayed',
  'bounced_for_now',
  'delivered',
  'opened',
  'clicked',
  'bounced_for_good',
  'complained',
] as const;

export type RecipientStatus = (typeof OVERTURNS)[number];

interface KnownRecipient {
  readonly address: string;
  readonly status: RecipientStatus;
  /** Fact that says so; absent where only the row does. */
  readonly fact?: Fact;
}

const STATUS_OF_FACT: Partial<Record<Fact['kind'], RecipientStatus>> = {
  suppressed: 'suppressed',
  delayed: 'delayed',
  delivered: 'delivered',
  opened: 'opened',
  clicked: 'clicked',
  complained: 'complained',
};

/** @param base what is known of the mail as a whole */
export function recipientStatusOf(
  message: Pick<Message, 'suppressedRecipients'>,
  facts: readonly Fact[],
  address: string,
  base: RecipientStatus,
): KnownRecipient {
  const isDropped = message.suppressedRecipients?.includes(address) ?? false;
  const own = facts.filter(({ recipient }) => recipient === address).sort(byTime);
  const first: KnownRecipient = { address, status: isDropped ? 'suppressed' : base };
  return own.reduce<KnownRecipient>((known, fact) => {
    const status = statusFrom(fact, own);
    return status !== undefined && rankOf(status) > rankOf(known.status) ? { address, status, fact } : known;
  }, first);
}

function statusFrom(fact: Fact, own: readonly Fact[]): RecipientStatus | undefined {
  if (isByMachine(fact)) return undefined;
  if (fact.kind === 'bounced') {
    return fact.detail?.bounceType === 'Permanent' ? 'bounced_for_good' : 'bounced_for_now';
  }
  if (fact.kind === 'complained' && isWithdrawn(fact, own)) return undefined;
  return STATUS_OF_FACT[fact.kind];
}

/** Revoked by a later `not-spam`; one that names no recipient revokes only what names none. */
function isWithdrawn(complaint: Fact, own: readonly Fact[]): boolean {
  return own.some(
    (fact) =>
      fact.kind === 'complaint_withdrawn' &&
      Date.parse(fact.occurredAt) > Date.parse(complaint.occurredAt) &&
      (fact.detail?.isAmbiguous !== true || complaint.detail?.isAmbiguous === true),
  );
}

const rankOf = (status: RecipientStatus): number => OVERTURNS.indexOf(status);

/**
 * Orders facts by time. The earliest of equals is the one shown; the key settles it where the times are equal
 * too.
 */
function byTime(one: Fact, other: Fact): number {
  return Date.parse(one.occurredAt) - Date.parse(other.occurredAt) || compare(keyOf(one), keyOf(other));
}

const keyOf = (fact: Fact): string => `${factKey(fact)}#${fact.sesMessageId}#${JSON.stringify(fact.detail)}`;
const compare = (one: string, other: string): number => (one < other ? -1 : Number(one > other));
