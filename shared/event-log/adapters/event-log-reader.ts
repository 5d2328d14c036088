import type { Clock } from '../../base/ports.ts';
import { decodeSegment } from '../contract/event-segment-codec.ts';
import { isFirstOfEra, laneOf } from '../event-segment.ts';
import { cursorBehind, LOG_START, type LogExtent, standingOf } from '../log-cursor.ts';
import { CursorError, type EventLogReader, type LogCursor, type LogPage } from '../ports.ts';
import { contiguousFrom } from './event-log-ends.ts';
import {
  createSegmentRows,
  type EventsTableOptions,
  isKept,
  type SegmentRow,
  type SegmentRows,
} from './event-log-rows.ts';

/** Reads what `event-log-table.ts` writes; of what has expired nothing, though it may not have been removed yet. */
export function createEventLogReader(
  options: EventsTableOptions & { readonly clock: Clock },
): EventLogReader {
  const rows = createSegmentRows(options);
  const { clock } = options;
  const isStillKept = (row: SegmentRow) => isKept(row, clock.nowEpochMs());

  return {
    async read(tenant, cursor, { maxSegments }) {
      const nowEpochMs = clock.nowEpochMs();
      const from = cursor === undefined ? await begin(tenant, nowEpochMs) : requireWhole(cursor);
      return readFrom(tenant, from, { maxSegments, nowEpochMs });
    },

    async seek(tenant, epochMs) {
      const nowEpochMs = clock.nowEpochMs();
      const isWanted = (row: SegmentRow) => row.atEpochMs >= epochMs && isStillKept(row);
      const { firstKept, last } = await searchFirst(rows, tenant, isWanted);
      return firstKept === undefined ? endAfter(last, nowEpochMs) : { segment: firstKept, index: 0 };
    },

    async end(tenant) {
      const nowEpochMs = clock.nowEpochMs();
      return endAfter((await rows.last(tenant))?.number, nowEpochMs);
    },

    async get(tenant, { lane, segment, index }) {
      const row = lane === laneOf(segment) ? await rows.get(tenant, segment) : undefined;
      return row !== undefined && isStillKept(row) ? decodeSegment(row.body, tenant)[index] : undefined;
    },
  };

  async function begin(tenant: string, nowEpochMs: number): Promise<LogCursor> {
    const { firstKept, last } = await searchFirst(rows, tenant, isStillKept);
    return firstKept === undefined ? endAfter(last, nowEpochMs) : { segment: firstKept, index: 0 };
  }

  async function readFrom(tenant: string, cursor: LogCursor, options: ReadOptions): Promise<LogPage> {
    const { maxSegments, nowEpochMs } = options;
    // A cursor between two segments is at the end where the one before is the last there is.
    const from = cursor.index === 0 ? cursor.segment - 1 : cursor.segment;
    const range = { from, to: cursor.segment + maxSegments };
    const { found, isCut } = await rows.between(tenant, range);
    const ahead = found.filter(({ number }) => number >= cursor.segment);
    const segments = contiguousFrom(cursor.segment, ahead.filter(isStillKept)).slice(0, maxSegments);
    if (segments.length > 0) {
      const hasMore = isCut || ahead.length > segments.length;
      return pageOf(tenant, segments, cursor, { hasMore, nowEpochMs });
    }
    const isAtTheEnd = found.length === 1 && ahead.length === 0;
    const extent = isAtTheEnd ? { last: cursor.segment - 1 } : await searchFirst(rows, tenant, isStillKept);
    return goOn(tenant, cursor, extent, options);
  }

  async function goOn(tenant: string, cursor: LogCursor, extent: LogExtent, options: ReadOptions) {
    const standing = standingOf(cursor, extent, options.nowEpochMs);
    switch (standing.kind) {
      case 'at-the-end':
        return emptyPage(endAfter(extent.last, options.nowEpochMs));
      case 'waiting':
        return emptyPage(cursor);
      case 'before':
        return readFrom(tenant, { segment: standing.segment, index: 0 }, options);
      default:
        throw new CursorError(standing.kind);
    }
  }
}

interface ReadOptions {
  readonly maxSegments: number;
  /** Before anything was read. */
  readonly nowEpochMs: number;
}

const emptyPage = (next: LogCursor): LogPage => ({ events: [], next, hasMore: false });

const endAfter = (last: number | undefined, nowEpochMs: number): LogCursor => ({
  ...(last === undefined ? LOG_START : { segment: last + 1, index: 0 }),
  seenEndAtEpochMs: nowEpochMs,
});

function requireWhole(cursor: LogCursor): LogCursor {
  const { segment, index } = cursor;
  if (Number.isSafeInteger(segment) && Number.isSafeInteger(index) && segment > 0 && index >= 0)
    return cursor;
  throw new CursorError('unknown');
}

/** @throws CursorError where the first segment has not that many events */
function pageOf(
  tenant: string,
  segments: readonly SegmentRow[],
  { index: behind }: LogCursor,
  { hasMore, nowEpochMs }: { readonly hasMore: boolean; readonly nowEpochMs: number },
): LogPage {
  const [first] = segments;
  if (first !== undefined && behind >= first.count) throw new CursorError('unknown');
  const events = segments.flatMap(({ number, count, body }) =>
    decodeSegment(body, tenant).map((event, index) => ({ event, after: cursorBehind(number, index, count) })),
  );
  const last = segments.at(-1)?.number;
  const next = hasMore ? { segment: (last ?? 0) + 1, index: 0 } : endAfter(last, nowEpochMs);
  return { events: events.slice(behind), next, hasMore };
}

/** By halves between the first and the last: what is wanted of one segment is so of all after it. */
async function searchFirst(
  rows: SegmentRows,
  tenant: string,
  isWanted: (row: SegmentRow) => boolean,
): Promise<LogExtent> {
  const [first, last] = await Promise.all([firstOf(rows, tenant), rows.last(tenant)]);
  if (first === undefined || last === undefined) return {};
  if (!isWanted(last)) return { last: last.number };
  if (isWanted(first)) return { firstKept: first.number, last: last.number };

  let [before, wanted] = [first.number, last.number];
  while (wanted - before > 1) {
    const middle = before + Math.floor((wanted - before) / 2);
    const row = await rows.get(tenant, middle);
    // What is gone has expired.
    if (row !== undefined && isWanted(row)) wanted = middle;
    else before = middle;
  }
  return { firstKept: wanted, last: last.number };
}

/** Lanes are not read in one moment: in a log that has just begun, the second segment may be seen without the first. */
async function firstOf(rows: SegmentRows, tenant: string): Promise<SegmentRow | undefined> {
  let first = await rows.first(tenant);
  while (first !== undefined && !isFirstOfEra(first.number)) {
    const before = await rows.get(tenant, first.number - 1);
    if (before === undefined) return first;
    first = before;
  }
  return first;
}
