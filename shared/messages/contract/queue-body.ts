import * as z from 'zod/mini';

/**
 * Jobs that our queues carry. A record may wait up to 14 days in a queue, so a deployment meets bodies of
 * older versions: fields are only ever added, as optional ones, and a new meaning gets a new `version`.
 * Version 2 is the first that every later release reads (`docs/deploy.md`); `test/fixtures/wire` has what it
 * looks like.
 */
const attachment = z.object({
  attachmentId: z.string(),
  filename: z.string(),
  contentType: z.string(),
  contentId: z.exactOptional(z.string()),
  objectKey: z.string(),
  sizeBytes: z.exactOptional(z.number()),
  url: z.exactOptional(z.string()),
});

export const messageContent = z.object({
  html: z.exactOptional(z.string()),
  text: z.exactOptional(z.string()),
  headers: z.record(z.string(), z.string()),
  attachments: z.array(attachment),
});

/** Facts about an attempt that SES took. */
const sendReceipt = z.object({
  attempt: z.number(),
  sesMessageId: z.string(),
  sentAtEpochMs: z.number(),
  suppressedRecipients: z.array(z.string()),
});

export type SendReceipt = z.infer<typeof sendReceipt>;

export const sendJob = z.object({
  version: z.literal(2),
  messageId: z.string(),
  tenant: z.string(),
  stream: z.string(),
  /** Domains of every envelope recipient, for the pace. */
  recipientDomains: z.array(z.string()),
  /** The time it was made for, where its message is scheduled; one that was moved since has another job. */
  scheduledAtEpochMs: z.exactOptional(z.number()),
  /** Time until which it was last deferred, as a due row. */
  deferredUntilEpochMs: z.exactOptional(z.number()),
  /** Number of times that this job was requeued to wait; drives back-off, never a dead-letter queue. */
  waits: z.number(),
  content: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('inline'), content: messageContent }),
    /** Content in the content bucket under this key, as `encodeContent` wrote it. */
    z.object({ kind: z.literal('object'), objectKey: z.string() }),
    /** Content in the messages table, as its content item (sweep has no body at hand). */
    z.object({ kind: z.literal('table') }),
    /**
     * Content that is not there: nothing is to be sent, and the message ends as `failed` with this reason.
     */
    z.object({ kind: z.literal('unavailable'), reason: z.string() }),
  ]),
  /** Attachments that were fetched since, replacing the ones of the same id in the content. */
  fetched: z.exactOptional(z.array(attachment)),
  /**
   * True if it has just waited for a store to come back, and so have the events that could prove something
   * about it.
   */
  waitedOutOutage: z.exactOptional(z.boolean()),
  /** SES took the message and the row could not be told so: that is all that is left to do. */
  sendReceipt: z.exactOptional(sendReceipt),
});

export type SendJob = z.infer<typeof sendJob>;

/** The attachment queue: the job to queue once its attachments are stored, and what to fetch for it. */
export const fetchJob = z.object({
  version: z.literal(2),
  job: sendJob,
  attachments: z.array(attachment),
});

export type FetchJob = z.infer<typeof fetchJob>;
