import type { Clock } from '../../base/ports.ts';
import { decodeBlock } from '../contract/event-block-codec.ts';
import { isFirstOfEra, partitionOf } from '../event-block.ts';
import { cursorBehind, LOG_START, type LogExtent, placeOfCursor } from '../log-cursor.ts';
import { CursorError, type EventLogReader, type LogCursor, type LogPage } from '../ports.ts';
import { contiguousFrom } from './event-log-ends.ts';
import {
  type BlockRow,
  type BlockRows,
  createBlockRows,
  type EventsTableOptions,
  isKept,
} from './event-log-rows.ts';

/** Reads what `event-log-table.ts` writes; of what has expired nothing, though it may not have been removed yet. */
export function createEventLogReader(
  options: EventsTableOptions & { readonly clock: Clock },
): EventLogReader {
  const rows = createBlockRows(options);
  const { clock } = options;
  const isStillKept = (row: BlockRow) => isKept(row, clock.nowEpochMs());
  const { begin, readFrom } = createPages(rows, isStillKept);

  return {
    async read(tenant, cursor, { maxBlocks }) {
      const nowEpochMs = clock.nowEpochMs();
      const from = cursor === undefined ? await begin(tenant, nowEpochMs) : requireWhole(cursor);
      return readFrom(tenant, from, { maxBlocks, nowEpochMs });
    },

    async seek(tenant, epochMs) {
      const nowEpochMs = clock.nowEpochMs();
      const isWanted = (row: BlockRow) => row.atEpochMs >= epochMs && isStillKept(row);
      const { firstKept, last } = await searchFirst(rows, tenant, isWanted);
      return firstKept === undefined ? endAfter(last, nowEpochMs) : { block: firstKept, index: 0 };
    },

    async end(tenant) {
      const nowEpochMs = clock.nowEpochMs();
      return endAfter((await rows.last(tenant))?.number, nowEpochMs);
    },

    async get(tenant, { partition, block, index }) {
      const row = partition === partitionOf(block) ? await rows.get(tenant, block) : undefined;
      return row !== undefined && isStillKept(row) ? decodeBlock(row.body, tenant)[index] : undefined;
    },
  };
}

/** Pages from a cursor on, and where a log begins that is read from its oldest block. */
function createPages(rows: BlockRows, isStillKept: (row: BlockRow) => boolean) {
  return { begin, readFrom };

  async function begin(tenant: string, nowEpochMs: number): Promise<LogCursor> {
    const { firstKept, last } = await searchFirst(rows, tenant, isStillKept);
    return firstKept === undefined ? endAfter(last, nowEpochMs) : { block: firstKept, index: 0 };
  }

  async function readFrom(tenant: string, cursor: LogCursor, options: ReadOptions): Promise<LogPage> {
    const { maxBlocks, nowEpochMs } = options;
    // A cursor between two blocks is at the end where the one before is the last there is.
    const from = cursor.index === 0 ? cursor.block - 1 : cursor.block;
    const range = { from, to: cursor.block + maxBlocks };
    const { found, isCut } = await rows.between(tenant, range);
    const ahead = found.filter(({ number }) => number >= cursor.block);
    const blocks = contiguousFrom(cursor.block, ahead.filter(isStillKept)).slice(0, maxBlocks);
    if (blocks.length > 0) {
      const hasMore = isCut || ahead.length > blocks.length;
      return pageOf(tenant, blocks, cursor, { hasMore, nowEpochMs });
    }
    const isAtTheEnd = found.length === 1 && ahead.length === 0;
    const extent = isAtTheEnd ? { last: cursor.block - 1 } : await searchFirst(rows, tenant, isStillKept);
    return goOn(tenant, cursor, extent, options);
  }

  async function goOn(tenant: string, cursor: LogCursor, extent: LogExtent, options: ReadOptions) {
    const place = placeOfCursor(cursor, extent, options.nowEpochMs);
    switch (place.kind) {
      case 'at-the-end':
        return emptyPage(endAfter(extent.last, options.nowEpochMs));
      case 'waiting':
        return emptyPage(cursor);
      case 'before':
        return readFrom(tenant, { block: place.block, index: 0 }, options);
      default:
        throw new CursorError(place.kind);
    }
  }
}

interface ReadOptions {
  readonly maxBlocks: number;
  /** Time before anything was read. */
  readonly nowEpochMs: number;
}

const emptyPage = (next: LogCursor): LogPage => ({ events: [], next, hasMore: false });

const endAfter = (last: number | undefined, nowEpochMs: number): LogCursor => ({
  ...(last === undefined ? LOG_START : { block: last + 1, index: 0 }),
  seenEndAtEpochMs: nowEpochMs,
});

function requireWhole(cursor: LogCursor): LogCursor {
  const { block, index } = cursor;
  if (Number.isSafeInteger(block) && Number.isSafeInteger(index) && block > 0 && index >= 0) return cursor;
  throw new CursorError('unknown');
}

/** @throws CursorError where the first block has not that many events */
function pageOf(
  tenant: string,
  blocks: readonly BlockRow[],
  { index: behind }: LogCursor,
  { hasMore, nowEpochMs }: { readonly hasMore: boolean; readonly nowEpochMs: number },
): LogPage {
  const [first] = blocks;
  if (first !== undefined && behind >= first.count) throw new CursorError('unknown');
  const events = blocks.flatMap(({ number, count, body }) =>
    decodeBlock(body, tenant).map((event, index) => ({ event, after: cursorBehind(number, index, count) })),
  );
  const last = blocks.at(-1)?.number;
  const next = hasMore ? { block: (last ?? 0) + 1, index: 0 } : endAfter(last, nowEpochMs);
  return { events: events.slice(behind), next, hasMore };
}

/** Searches by halves between the first and the last: what is wanted of one block is so of all after it. */
async function searchFirst(
  rows: BlockRows,
  tenant: string,
  isWanted: (row: BlockRow) => boolean,
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

/** Partitions are not read in one moment: in a log that has just begun, the second block may be seen without the first. */
async function firstOf(rows: BlockRows, tenant: string): Promise<BlockRow | undefined> {
  let first = await rows.first(tenant);
  while (first !== undefined && !isFirstOfEra(first.number)) {
    const before = await rows.get(tenant, first.number - 1);
    if (before === undefined) return first;
    first = before;
  }
  return first;
}
