import type { ApiKeyRecord } from './api-key.ts';
import type { Fact } from './delivery-event.ts';
import type { Message, MessageContent } from './message.ts';
import type { Suppression } from './suppression.ts';
import type { SuppressionScope } from './suppression-scope.ts';

/**
 * What use cases ask of the outside world, in our words. Adapters implement these; tests remember them.
 * `get` may return undefined, `put…IfAbsent`/`claim`/`advance` say their condition in their answer.
 */

export interface Clock {
  nowEpochMs(): number;
}

export interface Ids {
  /** UUIDv7 of this moment. */
  next(): string;
}

/** What a remembered idempotent request answers with. */
export interface IdempotencyRecord {
  readonly requestHash: string;
  /** The reply as JSON text, with the ids that this request reserved. */
  readonly reply: string;
  readonly messageIds: readonly string[];
  readonly batchId?: string;
  readonly createdAtEpochMs: number;
}

/** What tells one run of a request from another. */
export type IdempotencyRun = Pick<IdempotencyRecord, 'messageIds' | 'batchId'>;

export type PutAnswer<T> = { readonly kind: 'stored' } | { readonly kind: 'exists'; readonly existing: T };

export type BatchState = 'committed' | 'aborted';

export interface ScheduledMessages {
  readonly tenant: string;
  readonly messageIds: readonly string[];
}

export type ClaimAnswer =
  /** Ours: the row after the claim. */
  | { readonly kind: 'claimed'; readonly message: Message }
  /** Not ours: the row as it stands, for the caller to decide. */
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
  /** To another time, with everything that is kept until some time after it. */
  | ({ readonly to: 'scheduled' } & Required<Pick<Message, 'scheduledAtEpochMs' | 'expiresAtEpochSeconds'>> &
      Pick<Message, 'contentKeptUntilEpochSeconds'>)
  | { readonly to: 'failed'; readonly statusReason: string; readonly endedAtEpochMs: number }
  /** A definite no that will be tried again: the claim is given back, and `attempt` with it. */
  | { readonly to: 'accepted'; readonly statusReason: string }
  | {
      readonly to: 'unknown';
      readonly statusReason: string;
      readonly unknownSinceEpochMs: number;
      /** Where a resend was no attempt after all: the one that is still unknown. */
      readonly attempt?: number;
    };

export interface MessagePage {
  readonly messages: readonly { readonly message: Message; readonly facts: readonly Fact[] }[];
  readonly hasMore: boolean;
}

export interface Messages {
  /** Stores a new message in status `accepted` or `scheduled`. A repeat by the same id is `exists`. */
  putMessageIfAbsent(message: Message): Promise<PutAnswer<Message>>;
  /** Eventually consistent unless asked otherwise: half the price, and a condition guards what follows from it. */
  getMessage(
    tenant: string,
    messageId: string,
    options?: { readonly consistent: boolean },
  ): Promise<Message | undefined>;
  /** Message and facts, strongly consistent. */
  getTimeline(
    tenant: string,
    messageId: string,
  ): Promise<{ message: Message; facts: readonly Fact[] } | undefined>;
  /** Newest first; the cursor's own item is excluded. */
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
  /** One winner among those who find the same record dead; false for all others. */
  replaceIdempotencyRecord(
    tenant: string,
    key: string,
    { dead, record }: { readonly dead: IdempotencyRecord; readonly record: IdempotencyRecord },
  ): Promise<boolean>;
  /** Only that of this run. */
  deleteIdempotencyRecord(tenant: string, key: string, run: IdempotencyRun): Promise<void>;

  /**
   * One winner between committing and aborting a batch; the answer is the state that holds.
   * @param scheduled those of its messages that are for later: with the commit they are known to be kept
   */
  settleBatch(
    batchId: string,
    state: BatchState,
    expiresAtEpochSeconds: number,
    scheduled?: ScheduledMessages,
  ): Promise<BatchState>;
  getBatchState(batchId: string): Promise<BatchState | undefined>;
  /**
   * Takes the place of a message whose put may still be under way, so that it can never be stored. Nobody sees the fence.
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
   * `accepted`, or `scheduled` for now or earlier, → `sending`; or (attempt 1 only) `unknown` → `sending` when
   * `resendUnknown`. Lease until the given time. `claimId` is new for every claim: with it a claim whose reply was lost
   * is known again as our own.
   */
  claim(
    tenant: string,
    messageId: string,
    claim: { claimId: string; nowEpochMs: number; leaseUntilEpochMs: number; resendUnknown: boolean },
  ): Promise<ClaimAnswer>;
  /**
   * Notes until when a message that waits is held back; false where it does not wait any more, was put aside for a time
   * that has not come, or was moved to another time since it was read.
   */
  park(
    tenant: string,
    messageId: string,
    park: {
      readonly nowEpochMs: number;
      readonly untilEpochMs: number;
      readonly scheduledAtEpochMs: number | undefined;
    },
  ): Promise<boolean>;
  /** Conditional on the status and attempt given; false when the row has moved on. */
  advance(
    tenant: string,
    messageId: string,
    from: Pick<Message, 'status' | 'attempt'>,
    move: MessageMove,
  ): Promise<boolean>;

  /** True when it was new. */
  appendFact(tenant: string, fact: Fact, expiresAtEpochSeconds: number): Promise<boolean>;
  /** Messages whose id falls in the window, oldest first, facts included. For sweeps. */
  queryWindow(
    tenant: string,
    window: { fromEpochMs: number; toEpochMs: number },
  ): AsyncIterable<{ message: Message; facts: readonly Fact[] }>;
  /** What could not be processed, by SQS message id, with its reason. */
  putFailureRecord(failure: FailureRecord): Promise<void>;
}

export interface FailureRecord {
  readonly sqsMessageId: string;
  /** Where the record could be read and is about one message. */
  readonly messageId?: string;
  readonly queue: string;
  readonly reason: string;
  readonly receiveCount: number;
  readonly failedAtEpochMs: number;
}

export interface Objects {
  put(key: string, body: Uint8Array, contentType: string): Promise<void>;
  get(key: string): Promise<Uint8Array | undefined>;
  sizeOf(key: string): Promise<number | undefined>;
  delete(keys: readonly string[]): Promise<void>;
  /** A URL that anybody can GET until it expires. */
  signedUrl(key: string, expiresInSeconds: number, filename: string): Promise<string>;
}

export interface SuppressionLists {
  /** Strongly consistent; answers those of `addresses` (normalised) that one of the lists has. */
  findSuppressed(
    scopes: readonly SuppressionScope[],
    addresses: readonly string[],
  ): Promise<ReadonlySet<string>>;
  in(scope: SuppressionScope): Suppressions;
}

/** One list. */
export interface Suppressions {
  get(idOrAddress: string): Promise<Suppression | undefined>;
  list(page: {
    limit: number;
    after?: string;
    before?: string;
    origin?: Suppression['origin'];
  }): Promise<{ suppressions: readonly Suppression[]; hasMore: boolean }>;
  /** Keeps the entry that is there and adds the cause to it; a complaint stands before a bounce or a manual origin. */
  add(suppression: Suppression): Promise<Suppression>;
  remove(idOrAddress: string): Promise<Suppression | undefined>;
  /** Takes out the complaint that a message caused, and the entry with it where nothing else speaks against the address. */
  withdrawComplaint(address: string, sourceMessageId: string): Promise<void>;
}

export interface ApiKeys {
  /** From cache up to 50 s old, so that a deleted key is refused within 60 s. */
  find(apiKeyId: string): Promise<ApiKeyRecord | undefined>;
  list(tenant: string): Promise<readonly ApiKeyRecord[]>;
  put(record: ApiKeyRecord): Promise<void>;
  /** False when there is no such key. */
  rename(tenant: string, apiKeyId: string, name: string): Promise<boolean>;
  delete(tenant: string, apiKeyId: string): Promise<boolean>;
}

export interface SigningKeys {
  /** The secret that API key tokens are signed with, as it is stored (base64); kept in memory once it was read. */
  current(): Promise<string>;
}

export interface SigningKeyMaker {
  /** Keeps the one that is there; answers the one that holds (base64). */
  putIfAbsent(secret: string): Promise<string>;
}

/** The first API key of a deployment: made once, whatever is repeated and whatever becomes of it later. */
export interface BootstrapKeys {
  /** Fixes its id; the answer is the id that holds, and whether everything was written before. */
  begin(apiKeyId: string): Promise<{ readonly apiKeyId: string; readonly isDone: boolean }>;
  putToken(apiKeyId: string, token: string): Promise<void>;
  finish(apiKeyId: string): Promise<void>;
}

export interface BootstrapTokens {
  /** Removes the stored token if it is this key's. */
  forget(apiKeyId: string): Promise<void>;
}

/** Words, ids and numbers only: any other text is not printed (`runtime/logger.ts`). */
export interface Log {
  info(event: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(event: string, fields?: Readonly<Record<string, unknown>>): void;
  /** `fields.error` is printed by class, code and stack frames. */
  error(event: string, fields?: Readonly<Record<string, unknown>>): void;
  /** A metric (unit Count), named in PascalCase. */
  count(metric: string, value: number): void;
}

/** Up to when each check of the sweep has seen every message. */
export interface SweepCursors {
  get(tenant: string, check: string): Promise<number | undefined>;
  /** Never back: a run that was overtaken changes nothing. */
  advance(tenant: string, check: string, doneUntilEpochMs: number): Promise<void>;
}
