import type { PublishedEvent } from '../events/published-event.ts';

/**
 * The event log: for each tenant a run of numbered, contiguous, compressed blocks, laid in partitions by turns. What is
 * appended is never changed, and nothing is appended before what a reader has passed
 * (`docs/decisions/0011-event-log.md`).
 */

/** Place of an event. */
export interface LogPosition {
  /** Follows from the block. */
  readonly partition: number;
  readonly block: number;
  /** Index within the block. */
  readonly index: number;
}

/** An event to be logged, with what tells whether the log may have it already. */
export interface LogEntry {
  readonly event: PublishedEvent;
  /** Time at which its fact was stored, by the clock of the store: the same each time that it is offered. */
  readonly recordedAtEpochMs: number;
  /**
   * Some time before the fact was stored, where the time itself is not known. `recordedAtEpochMs` is then one
   * after it.
   */
  readonly notBeforeEpochMs?: number;
}

export interface LoggedEvent {
  readonly event: PublishedEvent;
  readonly position: LogPosition;
  /** True unless the log had it before. */
  readonly isNew: boolean;
}

export interface EventLog {
  /**
   * Appends what the log does not have; answers all entries with where they stand. After a failure, all that was appended
   * is found again by the same call.
   */
  append(tenant: string, entries: readonly LogEntry[]): Promise<readonly LoggedEvent[]>;
}

/** Place that a reader has come to. */
export interface LogCursor {
  /** Block to be read next. */
  readonly block: number;
  /** Number of its events that are behind. */
  readonly index: number;
  /** Time at which that was the end of the log, where it was. */
  readonly seenEndAtEpochMs?: number;
}

export interface LogPage {
  /** Events in the order of the log, each with the cursor that goes on behind it. */
  readonly events: readonly { readonly event: PublishedEvent; readonly after: LogCursor }[];
  /** Cursor to go on from, also where there was nothing. */
  readonly next: LogCursor;
  /** True if there is more at this moment. */
  readonly hasMore: boolean;
}

export interface EventLogReader {
  /**
   * Reads whole blocks from a cursor on, from the oldest that is kept where there is none.
   * @throws CursorError where it is not of this log, or older than the log keeps
   */
  read(
    tenant: string,
    cursor: LogCursor | undefined,
    options: { readonly maxBlocks: number },
  ): Promise<LogPage>;
  /** Finds the beginning of what was appended at that time or later. */
  seek(tenant: string, epochMs: number): Promise<LogCursor>;
  /** Finds the end, behind everything there is. */
  end(tenant: string): Promise<LogCursor>;
  get(tenant: string, position: LogPosition): Promise<PublishedEvent | undefined>;
}

/** Events that were appended at once. */
export interface LogBlock {
  /** Number from 1 on, in the order of the log. */
  readonly number: number;
  readonly events: readonly PublishedEvent[];
}

/** The log block by block, for those who keep their place themselves. */
export interface BlockReader {
  /**
   * Reads from a number on, in order, as many as are asked for or else all that there were when it was asked.
   * What has expired is left out, and nothing else: a number that is missing will never come.
   */
  read(tenant: string, fromNumber: number, maxBlocks: number): Promise<readonly LogBlock[]>;
}

/** Error of a cursor that this log has not given, or one from before the oldest event that it keeps. */
export class CursorError extends Error {
  override readonly name = 'CursorError';
  readonly permanent = true;
  readonly kind: 'unknown' | 'expired';

  constructor(kind: 'unknown' | 'expired') {
    super(`The cursor is ${kind}.`);
    this.kind = kind;
  }
}
