import type { RequestedAttachment } from './mail-attachment.ts';
import type { MailHeaders, Tag } from './mail-content.ts';
import type { MailTracking } from './tracking.ts';

/** A mail that may be sent: every rule of the contract, and of SES behind it, holds. */
export interface SendRequest extends MailHeaders {
  readonly html?: string;
  /** Text of the mail; absent where it is to be derived from html, or was opted out of. */
  readonly text?: string;
  /** True if no text was given, and none was refused. */
  readonly derivesText: boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly tags: readonly Tag[];
  readonly attachments: readonly RequestedAttachment[];
  /** Time at which it is to be sent; absent where that is now. */
  readonly scheduledAtEpochMs?: number;
  /** Name of a stream that there is. */
  readonly stream: string;
  /** Tracking of the mail; absent where its stream decides. */
  readonly tracking?: MailTracking;
}

/** Recipients that SES takes over `to`, `cc` and `bcc`; more would be several mails. */
export const MAX_RECIPIENTS = 50;

/** Length of a line by RFC 5322 section 2.1.1. */
export const MAX_SUBJECT_LENGTH = 998;
