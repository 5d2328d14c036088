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
