import { deliveryAddressOf, normaliseAddress } from '../../mail/address.ts';
import type { MessageContent } from '../../mail/mail-content.ts';
import { type Message, recipientsOf } from '../message.ts';
import { createdAtEpochMsOf } from '../message-bucket.ts';
import type { MessageState, RecipientState } from '../message-state.ts';

const UNCONFIRMED =
  'delivery_unconfirmed: SES took the mail, and in the 24 hours since then no outcome has come back';

/** An entry of `GET /emails`. */
export function emailItem(message: Message, state: MessageState, region: string) {
  return {
    id: message.messageId,
    message_id: messageIdHeaderOf(message.sesMessageId, region),
    from: message.from,
    to: message.to,
    cc: message.cc,
    bcc: message.bcc,
    reply_to: message.replyTo,
    subject: message.subject,
    created_at: new Date(createdAtEpochMsOf(message.messageId)).toISOString(),
    scheduled_at: isoOf(message.scheduledAtEpochMs),
    last_event: state.lastEvent,
  };
}

/** Body of `GET /emails/{id}`; `delivery` is ours and says why each recipient stands where it stands. */
export function emailObject(
  message: Message,
  state: MessageState,
  content: MessageContent | undefined,
  region: string,
) {
  return {
    object: 'email',
    ...emailItem(message, state, region),
    html: content?.html ?? null,
    text: content?.text ?? null,
    tags: message.tags,
    ...(state.bounce === undefined ? {} : { bounce: bounceObject(state.bounce) }),
    delivery: deliveryObject(message, state),
  };
}

const isoOf = (epochMs: number | undefined): string | null =>
  epochMs === undefined ? null : new Date(epochMs).toISOString();

/** The header that SES gives a mail: `email.amazonses.com` in us-east-1, `<region>.amazonses.com` elsewhere. */
export function messageIdHeaderOf(sesMessageId: string | undefined, region: string): string | null {
  if (sesMessageId === undefined) return null;
  return `<${sesMessageId}@${region === 'us-east-1' ? 'email' : region}.amazonses.com>`;
}

function bounceObject({ message, type, subType, diagnosticCodes }: NonNullable<MessageState['bounce']>) {
  return { message, type, subType, diagnosticCode: diagnosticCodes };
}

function deliveryObject(message: Message, state: MessageState) {
  const written = new Map(recipientsOf(message).map((text) => [deliveryKeyOf(text), normaliseAddress(text)]));
  return {
    status: message.status,
    reason: message.statusReason ?? (state.isUnconfirmed ? UNCONFIRMED : null),
    attempts: message.attempt,
    duplicates: state.duplicateAttempts,
    unconfirmed: state.isUnconfirmed,
    recipients: state.recipients.map((recipient) => recipientObject(recipient, written)),
  };
}

/**
 * A recipient as it is shown: the contract's test recipients as they were written, and not as their mailboxes
 * at the simulator.
 */
function recipientObject({ address, state, reason }: RecipientState, written: ReadonlyMap<string, string>) {
  return { email: written.get(address) ?? address, last_event: state, reason: reason ?? null };
}

const deliveryKeyOf = (text: string): string => normaliseAddress(deliveryAddressOf(text));
