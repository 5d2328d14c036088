/**
 * The size lines, in bytes. What each of them costs: docs/decisions/0002-accept-and-enqueue.md.
 */
const SIZE_LINES = {
  /**
   * Size up to which the table is cheaper: DynamoDB bills $0.625 per million KB written, S3 $5 per million
   * puts of any size: even at 8 KB.
   */
  tableItem: 8 * 1024,
  /** Size of a chunk: SQS bills every operation by chunks of 64 KB; the first is paid in any case. */
  queueChunk: 64 * 1024,
  /**
   * Size up to which the queue is cheaper: a further chunk is sent and received for $0.80 per million, an
   * object put and read for $5.40: even at 448 KB.
   */
  queueInsteadOfObject: 400 * 1024,
} as const;

export interface ContentPlacement {
  /** Place where the content is kept: `nowhere` but in the queue. */
  readonly store: 'table' | 'object' | 'nowhere';
  /** Form in which the job carries it. */
  readonly carry: 'inline' | 'table' | 'object';
  readonly reason: string;
}

/**
 * Decides where a message's content goes.
 * @param storedBytes as it would be kept, compressed
 * @param jobBytes the send job with the content inline
 * @param isKept `GET` shows it after the mail is sent
 */
export function placeContent(content: {
  readonly storedBytes: number;
  readonly jobBytes: number;
  readonly isKept: boolean;
  /** True for mail that is not sent at once, and that no queue carries until then. */
  readonly waits?: boolean;
}): ContentPlacement {
  if (content.waits) return placeWaiting(content.storedBytes);
  const fitsChunk = content.jobBytes <= SIZE_LINES.queueChunk;
  if (!content.isKept) {
    return content.jobBytes <= SIZE_LINES.queueInsteadOfObject
      ? {
          store: 'nowhere',
          carry: 'inline',
          reason: 'not kept, and chunks of the queue cost less than an object',
        }
      : {
          store: 'object',
          carry: 'object',
          reason: 'not kept, and an object costs less than chunks of the queue',
        };
  }
  if (content.storedBytes <= SIZE_LINES.tableItem) {
    return {
      store: 'table',
      carry: fitsChunk ? 'inline' : 'table',
      reason: 'kept, and an item costs less than an object',
    };
  }
  return {
    store: 'object',
    carry: fitsChunk ? 'inline' : 'object',
    reason: 'kept, and an object costs less than an item',
  };
}

/** Places content that waits by reference, so that what is not kept goes once the mail is sent. */
function placeWaiting(storedBytes: number): ContentPlacement {
  const store = storedBytes <= SIZE_LINES.tableItem ? 'table' : 'object';
  return { store, carry: store, reason: 'it waits for its time' };
}
