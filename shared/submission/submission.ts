import { createHash } from 'node:crypto';
import { defined } from '../base/defined.ts';
import type { SendRequest } from '../mail/send-request.ts';
import type { IdempotencyRecord } from '../messages/idempotency-record.ts';
import { type Message, recipientsOf } from '../messages/message.ts';

export type SendRoute = 'single' | 'batch';

/** The route of a path that is known to be one of the two. */
export const routeOf = (path: string): SendRoute => (path.endsWith('/batch') ? 'batch' : 'single');

/** A request that has been read and found good, as far as that goes. */
export interface Submission {
  readonly requests: readonly SendRequest[];
  readonly isBatch: boolean;
  readonly idempotencyKey?: string;
  /** Fingerprint by which two requests of one key are the same. */
  readonly fingerprint: string;
  /** The body of the answer, once every request has its id. */
  readonly replyWith: (messageIds: readonly string[]) => object;
}

/** The ids of a submission that is to be stored. */
export interface Reserved {
  readonly kind: 'reserved';
  readonly messageIds: readonly string[];
  readonly batchId?: string;
  /** Set where an idempotency record has the ids. */
  readonly record?: { readonly tenant: string; readonly key: string };
}

/** The ids that a request has, or the reply that its first run has already earned. */
export type Reservation =
  | Reserved
  | { readonly kind: 'answered'; readonly reply: string; readonly unqueued: readonly StoredRequest[] };

/** A request of a repeat, beside the row that its first run has stored. */
export interface StoredRequest {
  readonly request: SendRequest;
  readonly message: Message;
}

/** Nothing to store, and nothing to remember either: that is only asked for with an idempotency key. */
export const isEmpty = ({ requests, idempotencyKey }: Submission): boolean =>
  requests.length === 0 && idempotencyKey === undefined;

export const recipientCountOf = ({ requests }: Submission): number =>
  requests.reduce((sum, request) => sum + recipientsOf(request).length, 0);

/** What is remembered of a submission and the ids that it was given. */
export function idempotencyRecordOf(
  submission: Submission,
  { messageIds, batchId }: Reserved,
  nowEpochMs: number,
): IdempotencyRecord {
  return {
    requestHash: createHash('sha256').update(submission.fingerprint).digest('hex'),
    reply: JSON.stringify(submission.replyWith(messageIds)),
    messageIds,
    ...defined({ batchId }),
    createdAtEpochMs: nowEpochMs,
  };
}

/**
 * A message that is stored and was never attempted, while its content is nowhere but in the queue, if it is
 * there.
 */
export const mayBeUnqueued = ({ message, request }: StoredRequest): boolean =>
  message.status === 'accepted' &&
  message.attempt === 0 &&
  message.contentKeptUntilEpochSeconds === undefined &&
  message.stream === request.stream &&
  request.scheduledAtEpochMs === undefined;
