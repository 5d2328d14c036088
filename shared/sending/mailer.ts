import type { MailHeaders } from '../mail/mail-content.ts';
import type { MailTracking } from '../mail/tracking.ts';

/** A mail as SES is asked to send it. Addresses as they stand in headers; recipients are those that are left. */
export interface OutgoingMail extends MailHeaders {
  readonly html?: string;
  readonly text?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly attachments: readonly OutgoingAttachment[];
  /** Configuration set, which chooses the pool and where its events go. */
  readonly configurationSet: string;
  readonly tracking: MailTracking;
  /** Name of the tenant in SES; absent where the mail is the operator's. */
  readonly tenantName?: string;
  /** Reference that every event about this attempt will carry. */
  readonly reference: { readonly messageId: string; readonly tenant: string; readonly attempt: number };
}

export interface OutgoingAttachment {
  readonly filename: string;
  readonly contentType: string;
  /** Content id, which makes it inline. */
  readonly contentId?: string;
  readonly bytes: Uint8Array;
}

/** Answer that is known after one attempt. */
export type SendAnswer =
  | { readonly kind: 'sent'; readonly sesMessageId: string }
  /** SES, or something in front of it, answered with an error. */
  | {
      readonly kind: 'answered';
      readonly httpStatus: number;
      readonly errorName: string;
      readonly text: string;
    }
  /** No connection came about: nothing of the mail has left. */
  | { readonly kind: 'not-asked'; readonly errorName: string }
  /** The connection stood and no answer came: SES may have the mail. */
  | { readonly kind: 'unanswered'; readonly errorName: string };

export interface Mailer {
  /** Makes one attempt, never more. Does not throw. */
  send(mail: OutgoingMail): Promise<SendAnswer>;
}
