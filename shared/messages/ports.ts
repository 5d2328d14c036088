import type { FailureRecord } from '../base/ports.ts';
import type { MessageContent } from '../mail/mail-content.ts';
import type { Fact } from './delivery-event.ts';
import type { IdempotencyRecord, IdempotencyRun } from './idempotency-record.ts';
import type { Message } from './message.ts';

/** The first open of a mail, and the first click in it. */
export interface FirstVisits {
  /**
   * Claims a first visit. One winner for each mail and type of event; the same event gets the same answer
   * again.
   */
  claim(tenant: string, messageId: string, type: string, eventId: string): Promise<boolean>;
}

export type PutAnswer<T> = { readonly kind: 'stored' } | { readonly kind: 'exists'; readonly existing: T };

export type BatchState = 'committed' | 'aborted';

export interface ScheduledMessages {
  readonly tenant: string;
  readonly messageIds: readonly string[];
}

export type ClaimAnswer =
  /** The row after the claim, which is ours. */
  | { readonly kind: 'claimed'; readonly message: Message }
  /** The row as it stands, for the caller to decide; the claim is not ours. */
  | { readonly kind: 'refused'; readonly message: Message }
  | { readonly kind: 'absent' };

/** Legal moves of `Message.status`; every write is conditional on `from` status and attempt. */
export type MessageMove =
  | {
      readonly to: 'sent';
      readonly sesMessageId: string;
      readonly sentAtEpochMs: number;
      readonly suppressedRecipients: readonly string[];
    }
  | {
      readonly to: 'suppressed';
      readonly suppressedRecipients: readonly string[];
      readonly endedAtEpochMs: number;
    }
  | { readonly to: 'canceled' }
  /** Move to another time, with everything that is kept until some time after it. */
  | ({ readonly to: 'scheduled' } & Required<Pick<Message, 'scheduledAtEpochMs' | 'expiresAtEpochSeconds'>> &
      Pick<Message, 'contentKeptUntilEpochSeconds'>)
  | { readonly to: 'failed'; readonly statusReason: string; readonly endedAtEpochMs: number }
  /** A definite no that will be tried again: the claim is released, and `attempt` with it. */
  | { readonly to: 'accepted'; readonly statusReason: string }
  | {
      readonly to: 'unknown';
      readonly statusReason: string;
      readonly unknownSinceEpochMs: number;
      /** Attempt that is still unknown, where a resend was no attempt after all. */
      readonly attempt?: number;
    };

interface MessagePage {
  readonly messages: readonly { readonly message: Message; readonly facts: readonly Fact[] }[];
  readonly hasMore: boolean;
}

export interface Messages {
  /** Stores a new message in status `accepted` or `scheduled`. A repeat by the same id is `exists`. */
  putMessageIfAbsent(message: Message): Promise<PutAnswer<Message>>;
  /**
   * Reads a message, eventually consistent unless asked otherwise: half the price, and a condition guards
   * what follows from it.
   */
  getMessage(
    tenant: string,
    messageId: string,
    options?: { readonly consistent: boolean },
  ): Promise<Message | undefined>;
  /** Reads message and facts, strongly consistent. */
  getTimeline(
    tenant: string,
    messageId: string,
  ): Promise<{ message: Message; facts: readonly Fact[] } | undefined>;
  /** Lists newest first; the cursor's own item is excluded. */
  listMessages(
    tenant: string,
    page: { limit: number; after?: string; before?: string },
  ): Promise<MessagePage>;

  putContent(messageId: string, content: MessageContent, expiresAtEpochSeconds: number): Promise<void>;
  getContent(messageId: string): Promise<MessageContent | undefined>;
  deleteContent(messageId: string): Promise<void>;

  putIdempotencyRecordIfAbsent(
    tenant: string,
    key: string,
    record: IdempotencyRecord,
  ): Promise<PutAnswer<IdempotencyRecord>>;
  /** One winner among the requests that find the same record dead; false for all others. */
  replaceIdempotencyRecord(
    tenant: string,
    key: string,
    { dead, record }: { readonly dead: IdempotencyRecord; readonly record: IdempotencyRecord },
  ): Promise<boolean>;
  /** Deletes only the record of this run. */
  deleteIdempotencyRecord(tenant: string, key: string, run: IdempotencyRun): Promise<void>;

  /**
   * Settles a batch. One winner between committing and aborting it; the answer is the state that holds.
   * @param scheduled those of its messages that are for later: with the commit they are known to be kept
   */
  endBatch(
    batchId: string,
    state: BatchState,
    expiresAtEpochSeconds: number,
    scheduled?: ScheduledMessages,
  ): Promise<BatchState>;
  getBatchState(batchId: string): Promise<BatchState | undefined>;
  /**
   * Takes the place of a message whose put may still be under way, so that it can never be stored. No reader sees the fence.
   * `stored` where the message was faster.
   * @param over `unsent` takes the place of a stored message too, while it is `accepted` and was never attempted
   */
  fence(
    tenant: string,
    messageId: string,
    expiresAtEpochSeconds: number,
    over?: 'nothing' | 'unsent',
  ): Promise<'fenced' | 'stored'>;
  /** Removes a row of an aborted batch; only while `accepted` or `scheduled` and never attempted. */
  deleteUnsent(tenant: string, messageId: string): Promise<void>;

  /**
   * Claims a message: `accepted`, or `scheduled` for now or earlier, → `sending`; or (attempt 1 only)
   * `unknown` → `sending` when `resendUnknown`. Lease until the given time. `claimId` is new for every claim:
   * with it a claim whose reply was lost is known again as our own.
   */
  claim(
    tenant: string,
    messageId: string,
    claim: { claimId: string; nowEpochMs: number; leaseUntilEpochMs: number; resendUnknown: boolean },
  ): Promise<ClaimAnswer>;
  /**
   * Notes until when a message that waits is deferred; false where it does not wait any more, is deferred to a time that
   * has not come, or was moved to another time since it was read.
   */
  defer(
    tenant: string,
    messageId: string,
    until: {
      readonly nowEpochMs: number;
      readonly untilEpochMs: number;
      readonly scheduledAtEpochMs: number | undefined;
    },
  ): Promise<boolean>;
  /** Moves a message, conditional on the status and attempt given; false when the row has moved on. */
  advance(
    tenant: string,
    messageId: string,
    from: Pick<Message, 'status' | 'attempt'>,
    move: MessageMove,
  ): Promise<boolean>;

  /** Appends a fact; true when it was new. */
  appendFact(tenant: string, fact: Fact, expiresAtEpochSeconds: number): Promise<boolean>;
  /** Reads messages whose id falls in the window, oldest first, facts included. For sweeps. */
  queryWindow(
    tenant: string,
    window: { fromEpochMs: number; toEpochMs: number },
  ): AsyncIterable<{ message: Message; facts: readonly Fact[] }>;
  /** Stores what could not be processed, by the id of its record, with its reason. */
  putFailureRecord(failure: FailureRecord): Promise<void>;
}

export interface Objects {
  put(key: string, body: Uint8Array, contentType: string): Promise<void>;
  get(key: string): Promise<Uint8Array | undefined>;
  sizeOf(key: string): Promise<number | undefined>;
  delete(keys: readonly string[]): Promise<void>;
  /** Makes a URL that needs no credentials until it expires. */
  signedUrl(key: string, expiresInSeconds: number, filename: string): Promise<string>;
}

/** Times up to which each check of the sweep has seen every message. */
export interface SweepCursors {
  get(tenant: string, check: string): Promise<number | undefined>;
  /** Moves a cursor, never back: a run that was overtaken changes nothing. */
  advance(tenant: string, check: string, doneUntilEpochMs: number): Promise<void>;
}
