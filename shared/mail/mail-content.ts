/** Headers of a mail: from whom, to whom and about what; addresses as they stand in them. */
export interface MailHeaders {
  readonly from: string;
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly bcc: readonly string[];
  readonly replyTo: readonly string[];
  readonly subject: string;
}

/** A tag as the customer gave it; it stays in our table and never goes to SES. */
export interface Tag {
  readonly name: string;
  readonly value: string;
}

export interface Attachment {
  /** Id of the attachment: a UUID, ours. */
  readonly attachmentId: string;
  readonly filename: string;
  readonly contentType: string;
  /** Id by which html refers to it (`cid:`); makes it inline. */
  readonly contentId?: string;
  /** Key in the content bucket, known from the start also for attachments that are fetched later. */
  readonly objectKey: string;
  /** Size, which is unknown until a fetched attachment has been stored. */
  readonly sizeBytes?: number;
  /** URL that it must be fetched from before the message can be sent. */
  readonly url?: string;
}

/** Content that the customer wrote: bodies, own headers, attachments by reference. */
export interface MessageContent {
  readonly html?: string;
  readonly text?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly attachments: readonly Attachment[];
}
