/**
 * Ports that use cases ask of the outside world, in our words. Adapters implement these; tests remember them.
 * `get` may return undefined, `put…IfAbsent`/`claim`/`advance` say their condition in their answer.
 */

export interface Clock {
  nowEpochMs(): number;
}

export interface Ids {
  /** The next id: a UUIDv7 of this moment. */
  next(): string;
}

/** Reason why a record of a queue or of a table's stream could not be processed. */
export interface FailureRecord {
  /** SQS's message id, or the event id of a table's stream. */
  readonly recordId: string;
  /** Message that the record is about, where it could be read and is about one. */
  readonly messageId?: string;
  readonly queue: string;
  readonly reason: string;
  readonly receiveCount: number;
  readonly failedAtEpochMs: number;
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
