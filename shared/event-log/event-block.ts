import { createHash } from 'node:crypto';
import { MS_PER_DAY } from '../base/durations.ts';
import { eventHashOf, isEventId } from '../events/published-event.ts';

/**
 * Blocks stand in partitions by turns, so that two partitions share the work: DynamoDB takes 1,000 written units a second
 * for each of them.
 */
export const PARTITION_COUNT = 2;

export const partitionOf = (block: number): number => block % PARTITION_COUNT;

/** 30 days are promised; the last of them is not lost to a slow clock or a late look. */
const LOG_KEEP_DAYS = 35;
export const LOG_KEEP_MS = LOG_KEEP_DAYS * MS_PER_DAY;

/** A block is read as a whole, also for one of its events. */
const MOST_EVENTS = 200;
/** Bytes of a block at most, as JSON; DynamoDB takes items up to 400 KB. */
const MOST_BYTES = 300_000;

/** Cuts what goes into the next block: as many as make blocks of one size, and never nothing. */
export function cutBlock<T>(entries: readonly T[], bytesOf: (entry: T) => number): readonly T[] {
  const blocks = Math.ceil(entries.length / MOST_EVENTS);
  const most = entries.slice(0, Math.ceil(entries.length / blocks));
  let bytes = 0;
  const tooMany = most.findIndex((entry) => {
    bytes += bytesOf(entry);
    return bytes > MOST_BYTES;
  });
  return tooMany < 0 ? most : most.slice(0, Math.max(1, tooMany));
}

/**
 * A log whose last block has expired does not know its number any more. What is appended then begins an era, whose
 * numbers are above all that were ever given: no cursor of before can point into it.
 */
const ERA_SPAN = 2 ** 40;

export const firstOfEra = (era: number): number => era * ERA_SPAN + 1;

export const isFirstOfEra = (block: number): boolean => block % ERA_SPAN === 1;

/**
 * Time that an era counts as new. A function runs for a quarter of an hour at most: one that began an era
 * longer ago has written to it, or never will.
 */
const ERA_IS_NEW_MS = MS_PER_DAY;

/** Era that an empty log goes on with; the one that was begun last, where that may still be on its way. */
export function eraOfEmptyLog(
  last: { readonly era: number; readonly begunAtEpochMs: number } | undefined,
  nowEpochMs: number,
): number {
  if (last === undefined) return 0;
  return nowEpochMs - last.begunAtEpochMs < ERA_IS_NEW_MS ? last.era : last.era + 1;
}

export const FINGERPRINT_BYTES = 10;

/**
 * 20 hex digits that tell an event from all others: the hash in its id. It is of the fact alone, so that a fact is known
 * again at any time that it is given.
 */
export function fingerprintOf(eventId: string): string {
  if (isEventId(eventId)) return eventHashOf(eventId);
  return createHash('sha256')
    .update(eventId)
    .digest('hex')
    .slice(0, 2 * FINGERPRINT_BYTES);
}

/** Part of a block that a writer keeps in mind. */
export interface BlockTrace {
  readonly number: number;
  /** Time at which it was appended, never before the one ahead of it. */
  readonly atEpochMs: number;
  /** The highest time of storing of anything in the log up to here. */
  readonly newestRecordAtEpochMs: number;
  /** Fingerprints of its events, one after the other. */
  readonly fingerprints: Uint8Array;
}
