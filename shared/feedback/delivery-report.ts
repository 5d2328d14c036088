import type { BounceType, Fact } from '../messages/delivery-event.ts';
import type { ReportedMail } from '../sending/reported-mail.ts';

/**
 * A recipient in a report. A server names who bounced or complained; whether that is one of ours is decided
 * with the message at hand.
 */
export interface ReportedRecipient {
  /** Normalised address. */
  readonly address: string;
  readonly diagnosticCode?: string;
}

export interface BounceReport {
  readonly kind: 'bounce';
  readonly mail: ReportedMail;
  readonly occurredAt: string;
  readonly feedbackId: string;
  readonly bounceType: BounceType;
  readonly bounceSubType: string;
  /**
   * Origin of the refusal: the recipient's server; SES, because its global list holds the address; or a list
   * of this account, a contact list or address validation, which say nothing new about the address.
   */
  readonly refusedBy: 'recipient' | 'global-list' | 'account';
  readonly recipients: readonly ReportedRecipient[];
}

export interface ComplaintReport {
  readonly kind: 'complaint';
  readonly mail: ReportedMail;
  readonly occurredAt: string;
  readonly feedbackId: string;
  /**
   * `withdrawal`: a recipient said that it is no spam. `authentication`: a report about our DKIM or DMARC, from no recipient.
   * `echo`: SES repeats a complaint that it already knew, and did not send.
   */
  readonly meaning: 'complaint' | 'withdrawal' | 'authentication' | 'echo';
  readonly feedbackType?: string;
  readonly subType?: string;
  readonly userAgent?: string;
  readonly recipients: readonly ReportedRecipient[];
}

/** Report of SES about a mail, in our words. */
export type DeliveryReport =
  /** SES took the mail. */
  | { readonly kind: 'sent'; readonly mail: ReportedMail; readonly occurredAt: string }
  /** Facts that are complete as they stand. */
  | { readonly kind: 'facts'; readonly mail: ReportedMail; readonly facts: readonly Fact[] }
  | BounceReport
  | ComplaintReport;
