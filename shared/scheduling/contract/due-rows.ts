import type { QueuedJob } from '../../messages/contract/queues.ts';
import type { WebhookJob } from '../../webhooks/contract/webhook-job.ts';

/** Work that can wait for its time; events wait for the queue of endpoints that are not quick. */
export type DueWork = QueuedJob | { readonly queue: 'webhook'; readonly job: WebhookJob };

/**
 * A job that waits for a moment further away than SQS can delay it. Content goes by reference: a row is one written unit,
 * unless there are files to fetch.
 */
export interface DueRow {
  readonly dueEpochMs: number;
  readonly work: DueWork;
}

export interface DueRows {
  /**
   * Stores rows, and before them the minutes that they are in, so that sweep will look there. The same row twice is one.
   * Throws where not all of them are known to be stored.
   */
  put(rows: readonly DueRow[]): Promise<void>;
  /** Removes a row that is not needed any more. */
  remove(dueEpochMs: number, messageId: string): Promise<void>;
  has(dueEpochMs: number, messageId: string): Promise<boolean>;
  /**
   * Reads a shard of a minute in order of time, a page at a time, from after an item that an earlier page
   * ended with.
   */
  page(minute: string, shard: number, after?: string): Promise<DuePage>;
  /** Lists the ids of messages alone, from a moment on. */
  list(minute: string, shard: number, fromEpochMs: number): AsyncIterable<DueEntry>;
}

interface DuePage {
  readonly rows: readonly DueRow[];
  /** Rows that no version known here has written. */
  readonly unreadable: number;
  /** Item that the page ends with, where there is more. */
  readonly lastItem?: string;
}

export interface DueEntry {
  readonly dueEpochMs: number;
  readonly tenant: string;
  readonly messageId: string;
}

/** The minutes that have due rows. */
export interface DueMinutes {
  /** Lists minutes with the shards that are in use; both ends included, in order. */
  list(fromMinute: string, toMinute: string): Promise<readonly DueMinute[]>;
  /** Removes a minute that is not asked for again. */
  forget(minute: string): Promise<void>;
}

export interface DueMinute {
  readonly minute: string;
  readonly shards: readonly number[];
}

/**
 * Id that a row is kept under, beside its time: its message, or the event and its webhook. Ends in hex digits
 * by chance.
 */
export function dueIdOf({ queue, job }: DueWork): string {
  switch (queue) {
    case 'send':
      return job.messageId;
    case 'fetch':
      return job.job.messageId;
    case 'webhook':
      return `${job.webhookId}#${job.event.id}`;
  }
}
