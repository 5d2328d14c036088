import { defined } from '../base/defined.ts';
import { MS_PER_DAY } from '../base/durations.ts';
import { deliveryAddressOf, normaliseAddress } from '../mail/address.ts';
import { type BounceType, type Fact, isByMachine } from './delivery-event.ts';
import { type Message, recipientsOf } from './message.ts';
import { type RecipientStatus, recipientStatusOf } from './recipient-status.ts';

/**
 * States that a message or a recipient reads, in the contract's words, mildest first: a message shows the
 * worst of its recipients, and `suppressed` only if all of them are.
 */
const SEVERITY = [
  'suppressed',
  'queued',
  'scheduled',
  'canceled',
  'sent',
  'delivery_delayed',
  'delivered',
  'opened',
  'clicked',
  'failed',
  'bounced',
  'complained',
] as const;

export type LastEvent = (typeof SEVERITY)[number];

const SHOWN = {
  queued: 'queued',
  scheduled: 'scheduled',
  canceled: 'canceled',
  failed: 'failed',
  sent: 'sent',
  suppressed: 'suppressed',
  delayed: 'delivery_delayed',
  bounced_for_now: 'bounced',
  delivered: 'delivered',
  opened: 'opened',
  clicked: 'clicked',
  bounced_for_good: 'bounced',
  complained: 'complained',
} as const satisfies Record<RecipientStatus, LastEvent>;

export interface RecipientState {
  /** Normalised delivery address. */
  readonly address: string;
  readonly state: LastEvent;
  /** Reason: a bounce sub-type, a feedback type, the reason of a failure. */
  readonly reason?: string;
}

interface BounceState {
  readonly type: BounceType;
  readonly subType: string;
  readonly message: string;
  /** Diagnostic codes, one per bounced recipient whose server gave one. */
  readonly diagnosticCodes: readonly string[];
}

export interface MessageState {
  readonly lastEvent: LastEvent;
  /** The worst of the bounces, while a recipient reads `bounced`. */
  readonly bounce?: BounceState;
  readonly recipients: readonly RecipientState[];
  /** True for mail that was sent, and 24 hours later still is without an end for at least one recipient. */
  readonly isUnconfirmed: boolean;
  /** Number of times that SES took the message beyond the first. */
  readonly duplicateAttempts: number;
}

/**
 * Time after which a sent message is unconfirmed. SES gives up after 14 hours at the latest
 * (`MaxDeliverySeconds` ≤ 50,400), so that a day without an end is an event lost.
 */
const UNCONFIRMED_AFTER_MS = MS_PER_DAY;

export const BOUNCE_MESSAGES: Readonly<Record<BounceType, string>> = {
  Permanent: "The recipient's email provider sent a hard bounce message.",
  Transient: "The recipient's email provider sent a soft bounce message.",
  Undetermined: "The recipient's email provider sent a bounce message that does not say why.",
};

/**
 * State of a message: a fold over its facts, the same for every order of them and however often each is
 * repeated.
 */
export function messageState({
  message,
  facts,
  nowEpochMs,
}: {
  readonly message: Message;
  readonly facts: readonly Fact[];
  readonly nowEpochMs: number;
}): MessageState {
  const base = baseStatusOf(message, facts);
  const known = addressesOf(message, facts).map((address) =>
    recipientStatusOf(message, facts, address, base),
  );
  const recipients = known.map(({ address, status, fact }) =>
    recipientState(address, SHOWN[status], reasonOf(message, status, fact)),
  );
  const bounce = bounceOf(known.flatMap(({ fact }) => (fact?.kind === 'bounced' ? [fact] : [])));
  const shown = [...recipients.map(({ state }) => state), ...unattributed(facts)];
  return {
    lastEvent: worstOf(shown),
    ...defined({ bounce }),
    recipients,
    isUnconfirmed: shown.some(hasNoEnd) && nowEpochMs - sentAtEpochMs(message, facts) >= UNCONFIRMED_AFTER_MS,
    duplicateAttempts: Math.max(0, acceptedMails(message, facts).size - 1),
  };
}

/** The recipients of a message as SES is given them, which is how facts and suppressions name them. */
export function deliveryRecipientsOf(message: Pick<Message, 'to' | 'cc' | 'bcc'>): readonly string[] {
  return [...new Set(recipientsOf(message).map((address) => normaliseAddress(deliveryAddressOf(address))))];
}

/**
 * Domains of the recipients, one for each of them, in punycode: SES counts recipients, and mailbox providers
 * count them by domain.
 */
export function recipientDomainsOf(message: Pick<Message, 'to' | 'cc' | 'bcc'>): string[] {
  return deliveryRecipientsOf(message).map((address) => address.slice(address.lastIndexOf('@') + 1));
}

/**
 * A fact of an attempt proves that SES took it, also where our own row came to believe otherwise. Not what we say ourselves: a link
 * that was used names neither the attempt nor SES's id, and its address is mailed no second time anyway.
 */
export function isEvidence({ kind }: Fact): boolean {
  return kind !== 'unconfirmed' && kind !== 'unsubscribed';
}

/**
 * Standing of the mail as a whole: whether the facts prove that SES took one of the attempts, and has not
 * refused that one since.
 */
function baseStatusOf(message: Message, facts: readonly Fact[]): RecipientStatus {
  const refused = new Set(facts.filter(isRefusal).map(({ attempt }) => attempt));
  const taken = new Set(facts.filter(isEvidence).map(({ attempt }) => attempt));
  if (message.status === 'sent') taken.add(message.attempt);
  if ([...taken].some((attempt) => !refused.has(attempt))) return 'sent';
  if (refused.size > 0 || message.status === 'failed') return 'failed';
  return isShownAsItIs(message.status) ? message.status : 'queued';
}

const isShownAsItIs = (status: Message['status']): status is 'suppressed' | 'scheduled' | 'canceled' =>
  status === 'suppressed' || status === 'scheduled' || status === 'canceled';

const isRefusal = ({ kind }: Fact): boolean => kind === 'rejected' || kind === 'rendering_failed';

/**
 * Addresses to show. A server may report a bounce under an address that we did not write to; it is shown
 * beside ours.
 */
function addressesOf(message: Message, facts: readonly Fact[]): readonly string[] {
  const reported = facts.flatMap(({ recipient }) => (recipient === undefined ? [] : [recipient]));
  const ours = deliveryRecipientsOf(message);
  return [...ours, ...[...new Set(reported)].filter((address) => !ours.includes(address)).sort()];
}

/** Events without a recipient: opens and clicks of a mail with several do not say whose they are. */
function unattributed(facts: readonly Fact[]): readonly LastEvent[] {
  const kinds = facts
    .filter((fact) => fact.recipient === undefined && !isByMachine(fact))
    .map(({ kind }) => kind);
  return (['opened', 'clicked'] as const).filter((kind) => kinds.includes(kind));
}

const worstOf = (states: readonly LastEvent[]): LastEvent =>
  SEVERITY.findLast((state) => states.includes(state)) ?? 'queued';
const hasNoEnd = (state: LastEvent): boolean => state === 'sent' || state === 'delivery_delayed';

function sentAtEpochMs(message: Message, facts: readonly Fact[]): number {
  const times = facts.filter(isEvidence).map(({ occurredAt }) => Date.parse(occurredAt));
  return message.sentAtEpochMs ?? Math.min(...times);
}

function acceptedMails(message: Message, facts: readonly Fact[]): ReadonlySet<string> {
  const ids = [message.sesMessageId, ...facts.filter(isEvidence).map(({ sesMessageId }) => sesMessageId)];
  return new Set(ids.filter((id): id is string => id !== undefined && id !== ''));
}

function recipientState(address: string, state: LastEvent, reason: string | undefined): RecipientState {
  return { address, state, ...defined({ reason }) };
}

function reasonOf(message: Message, status: RecipientStatus, fact: Fact | undefined): string | undefined {
  if (status === 'failed') return message.statusReason;
  const { bounceSubType, complaintFeedbackType, delayType, reason } = fact?.detail ?? {};
  return bounceSubType ?? complaintFeedbackType ?? delayType ?? reason;
}

function bounceOf(bounces: readonly Fact[]): BounceState | undefined {
  const worst = bounces.find(({ detail }) => detail?.bounceType === 'Permanent') ?? bounces[0];
  if (worst === undefined) return undefined;
  const type = worst.detail?.bounceType ?? 'Undetermined';
  return {
    type,
    subType: worst.detail?.bounceSubType ?? 'Undetermined',
    message: BOUNCE_MESSAGES[type],
    diagnosticCodes: bounces.flatMap(({ detail }) => detail?.diagnosticCode ?? []),
  };
}
