import type { MailHeaders, Tag } from '../mail/mail-content.ts';
import type { MailTracking } from '../mail/tracking.ts';

/**
 * Status of a message in our own hands. `sent` means that SES took it; what happened to each recipient after
 * that is in the facts (`delivery-event.ts`).
 */
export type DeliveryStatus =
  | 'accepted'
  /** Accepted, for a time that may be moved or canceled until it has come. */
  | 'scheduled'
  | 'canceled'
  | 'sending'
  | 'unknown'
  | 'sent'
  | 'suppressed'
  | 'failed';

/** One message as its row keeps it: everything but the content. Addresses are as the customer wrote them. */
export interface Message extends MailHeaders {
  /** Id of the message, UUIDv7; time, bucket and shard follow from it. */
  readonly messageId: string;
  readonly tenant: string;
  readonly stream: string;
  readonly tags: readonly Tag[];
  /** Tracking of the mail; absent where its stream decides. */
  readonly tracking?: MailTracking;
  /** Batch that the message came in, if any: it may be sent only once the batch record says `committed`. */
  readonly batchId?: string;
  /** Time until which content is kept; absent where it is not. */
  readonly contentKeptUntilEpochSeconds?: number;
  readonly expiresAtEpochSeconds: number;
  /** Time at which it is to be sent; absent where that was at once. Stays on the row after it was. */
  readonly scheduledAtEpochMs?: number;
  /** Time until which it was last deferred, by a pause or a limit. */
  readonly deferredUntilEpochMs?: number;

  readonly status: DeliveryStatus;
  /**
   * Reason why it failed, or why the last attempt did not end it; machine words such as `outcome_unknown`,
   * then a text.
   */
  readonly statusReason?: string;
  /** Attempts at SES so far; 0 before the first claim. */
  readonly attempt: number;
  readonly leaseUntilEpochMs?: number;
  readonly unknownSinceEpochMs?: number;
  readonly sesMessageId?: string;
  readonly sentAtEpochMs?: number;
  /** Time at which it was `suppressed` or `failed`. */
  readonly endedAtEpochMs?: number;
  /** Recipients dropped at the claim because they are on the suppression list (normalised). */
  readonly suppressedRecipients?: readonly string[];
}

/** The envelope union of a message, in order, without repeats. */
export function recipientsOf(message: Pick<Message, 'to' | 'cc' | 'bcc'>): readonly string[] {
  return [...new Set([...message.to, ...message.cc, ...message.bcc])];
}
