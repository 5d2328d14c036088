import type { Fact } from '../messages/delivery-event.ts';
import type { Message } from '../messages/message.ts';
import { deliveryRecipientsOf, isEvidence } from '../messages/message-state.ts';
import type { MessageMove } from '../messages/ports.ts';
import type { ReportedMail } from './reported-mail.ts';

type SentDecision =
  /** The row says so already. */
  | { readonly kind: 'known' }
  /** SES took it before, under another id: the recipient may have it twice. */
  | { readonly kind: 'duplicate' }
  /** SES took the message, and the row does not say so. */
  | { readonly kind: 'move'; readonly move: MessageMove };

/**
 * Decides what a proof that SES took an attempt means for the row, which may have lost the reply, the process
 * or hope.
 */
export function decideSent(message: Message, mail: ReportedMail, occurredAt: string): SentDecision {
  if (message.status === 'sent') {
    return message.sesMessageId === mail.sesMessageId ? { kind: 'known' } : { kind: 'duplicate' };
  }
  const dropped = deliveryRecipientsOf(message).filter((address) => !mail.recipients.includes(address));
  return {
    kind: 'move',
    move: {
      to: 'sent',
      sesMessageId: mail.sesMessageId,
      sentAtEpochMs: Date.parse(occurredAt),
      // A process that died after the send took its list of suppressed recipients with it; SES knows which were left.
      suppressedRecipients: mail.recipients.length === 0 ? [] : dropped,
    },
  };
}

/** The earliest proof among the facts that SES took the message; undefined where there is none. */
export function evidenceOf(facts: readonly Fact[]): Fact | undefined {
  return facts
    .filter(isEvidence)
    .sort((one, other) => Date.parse(one.occurredAt) - Date.parse(other.occurredAt))[0];
}

/** Fact that puts a proof in the timeline, for where the row cannot carry it. */
export function sentFact(
  mail: Omit<ReportedMail, 'tenant' | 'recipients' | 'sentAtEpochMs'>,
  occurredAt: string,
): Fact {
  const { messageId, attempt, sesMessageId } = mail;
  return { messageId, kind: 'sent', occurredAt, attempt, sesMessageId };
}
