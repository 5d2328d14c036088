/** Answer of a remembered idempotent request. */
export interface IdempotencyRecord {
  readonly requestHash: string;
  /** The reply as JSON text, with the ids that this request reserved. */
  readonly reply: string;
  readonly messageIds: readonly string[];
  readonly batchId?: string;
  readonly createdAtEpochMs: number;
}

/** Ids that tell one run of a request from another. */
export type IdempotencyRun = Pick<IdempotencyRecord, 'messageIds' | 'batchId'>;
