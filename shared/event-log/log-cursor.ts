import { MS_PER_DAY } from '../base/durations.ts';
import { LOG_KEEP_MS } from './event-block.ts';
import type { LogCursor } from './ports.ts';

/** Place where the first event of a log will be. */
export const LOG_START: LogCursor = { block: 1, index: 0 };

/** Cursor behind an event of a block of that many. */
export function cursorBehind(block: number, index: number, count: number): LogCursor {
  return index + 1 < count ? { block, index: index + 1 } : { block: block + 1, index: 0 };
}

/** Extent of a log; empty where all of it has expired and gone, or nothing ever was. */
export interface LogExtent {
  /** The oldest that has not expired. */
  readonly firstKept?: number;
  readonly last?: number;
}

type CursorPlace =
  | { readonly kind: 'at-the-end' }
  /** The block has come meanwhile. */
  | { readonly kind: 'waiting' }
  /** What comes next begins there. */
  | { readonly kind: 'before'; readonly block: number }
  | { readonly kind: 'expired' }
  | { readonly kind: 'unknown' };

/**
 * Where a cursor stands whose block is not there, or not any more. A log that has expired as a whole goes on with
 * numbers far above: a reader that has seen the end of it since has missed nothing.
 */
export function placeOfCursor(
  cursor: LogCursor,
  { firstKept, last }: LogExtent,
  nowEpochMs: number,
): CursorPlace {
  const isNext = last !== undefined && cursor.block === last + 1;
  if (isNext) return { kind: cursor.index === 0 ? 'at-the-end' : 'unknown' };
  if (last !== undefined && cursor.block > last) return { kind: 'unknown' };
  if (firstKept !== undefined && cursor.block >= firstKept) return { kind: 'waiting' };

  const hasMissedNothing = sawTheEnd(cursor, nowEpochMs) || (last === undefined && isStart(cursor));
  if (!hasMissedNothing) return { kind: 'expired' };
  return firstKept === undefined ? { kind: 'at-the-end' } : { kind: 'before', block: firstKept };
}

/** Difference that clocks may have, though not a day. */
const CLOCKS_DIFFER_MS = MS_PER_DAY;

/** Tells whether a reader saw the end of the log, and what has been appended since then is still kept. */
const sawTheEnd = ({ index, seenEndAtEpochMs = 0 }: LogCursor, nowEpochMs: number): boolean =>
  index === 0 && nowEpochMs - seenEndAtEpochMs < LOG_KEEP_MS - CLOCKS_DIFFER_MS;

const isStart = ({ block, index }: LogCursor): boolean =>
  block === LOG_START.block && index === LOG_START.index;
