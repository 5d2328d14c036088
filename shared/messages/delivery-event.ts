/**
 * Kinds of facts: what happened to a mail, in our past tense. SES's own spellings end in
 * `contract/ses-notification.ts`.
 */
export type FactKind =
  | 'sent'
  | 'delayed'
  | 'delivered'
  | 'bounced'
  | 'complained'
  | 'complaint_withdrawn'
  | 'rejected'
  | 'rendering_failed'
  | 'suppressed'
  | 'opened'
  | 'clicked'
  | 'subscribed'
  /** The recipient has used the link of the mail, for the first time. */
  | 'unsubscribed'
  | 'unconfirmed';

export type BounceType = 'Permanent' | 'Transient' | 'Undetermined';

/**
 * One thing that is known about one recipient of one attempt. Facts are written once, conditionally, under `factKey`:
 * the same fact through a second path, or a second time, changes nothing.
 */
export interface Fact {
  readonly messageId: string;
  readonly kind: FactKind;
  /** Normalised delivery address; absent for facts about the whole mail (sent, rejected, rendering_failed). */
  readonly recipient?: string;
  /** Time at which it happened, by SES's clock; by ours where SES does not say it. */
  readonly occurredAt: string;
  /** Number of the attempt, from our tag; 1 where the event does not say it. */
  readonly attempt: number;
  readonly sesMessageId: string;
  /** Part that tells two facts of a kind apart: feedbackId, timestamp, link. */
  readonly discriminator?: string;
  readonly detail?: FactDetail;
}

/** The parts of an SES event that people ask for later. */
export interface FactDetail {
  readonly bounceType?: BounceType;
  readonly bounceSubType?: string;
  readonly diagnosticCode?: string;
  readonly feedbackId?: string;
  readonly complaintFeedbackType?: string;
  readonly complaintSubType?: string;
  readonly delayType?: string;
  readonly smtpResponse?: string;
  readonly reason?: string;
  readonly link?: string;
  readonly userAgent?: string;
  readonly ipAddress?: string;
  /** True for an open or a click by a proxy or a scanner, as SES takes it. */
  readonly isMachine?: boolean;
  /** True if several people could have been the complainer, and SES cannot say which. */
  readonly isAmbiguous?: boolean;
}

/** Tells whether a visit is by a mailbox's proxy or a scanner: no person has read anything yet. */
export const isByMachine = ({ detail }: Pick<Fact, 'detail'>): boolean => detail?.isMachine === true;

/** The sort key part that makes a fact itself: kind, attempt, recipient, discriminator. */
export function factKey(fact: Pick<Fact, 'kind' | 'attempt' | 'recipient' | 'discriminator'>): string {
  return [fact.kind, fact.attempt, fact.recipient ?? '', fact.discriminator ?? ''].join('#');
}
