import type { ConfigurationSet } from '../resources.ts';
import type { TrackingMarks } from '../tracking/html.ts';

/** A mail that SES took: everything delivery and events need, and nothing of the request. */
export interface AcceptedMail {
  readonly sesMessageId: string;
  /** Epoch milliseconds by the local clock. */
  readonly acceptedAt: number;
  /** `From` as given. */
  readonly source: string;
  readonly sourceArn: string;
  /** Envelope sender under the custom MAIL FROM domain. */
  readonly mailFrom: string;
  /** Addresses of To, Cc and Bcc without display names, each once. */
  readonly recipients: readonly string[];
  /**
   * Configuration set of the mail; undefined where neither the request nor the identity names one: then
   * nothing is published.
   */
  readonly configurationSet: ConfigurationSet | undefined;
  /** Tenant of the mail; empty where it is not sent for one. */
  readonly tenant: string;
  /** The `mail` object of every event of this mail. */
  readonly eventMail: EventMail;
  readonly mime: Buffer;
  readonly marks: TrackingMarks;
}

/**
 * The `mail` object of an event.
 * https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html#event-publishing-retrieving-sns-contents-mail-object
 */
export interface EventMail {
  readonly timestamp: string;
  readonly source: string;
  readonly sourceArn: string;
  readonly sendingAccountId: string;
  readonly messageId: string;
  readonly destination: readonly string[];
  readonly headersTruncated: boolean;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly commonHeaders: Readonly<Record<string, string | readonly string[]>>;
  readonly tags: Readonly<Record<string, readonly string[]>>;
}
