import type { EventLogReader, LogCursor, LogPage } from '../../../shared/event-log/ports.ts';
import type { PublishedEvent } from '../../../shared/events/published-event.ts';

interface LogScan {
  readonly tenant: string;
  /** The oldest event that is kept where there is none. */
  readonly from: LogCursor | undefined;
  readonly limit: number;
  readonly isWanted: (event: PublishedEvent) => boolean;
}

interface LogScanAnswer {
  readonly events: readonly PublishedEvent[];
  /** Goes on from here, also where nothing was found. */
  readonly next: LogCursor;
  /** There is more at this moment, or may be. */
  readonly hasMore: boolean;
}

/** How far one request looks: some thousands of events, found or passed over. */
const MOST_BLOCKS = 50;

/** One block of a busy log is more than a page; those of a quiet one hold an event each. */
const FIRST_BLOCKS = 1;

/** Looks through the log for what is wanted, in helpings that double, until the page is full or has looked far enough. */
export async function scanLog(
  reader: Pick<EventLogReader, 'read'>,
  { tenant, from, limit, isWanted }: LogScan,
): Promise<LogScanAnswer> {
  const events: PublishedEvent[] = [];
  let cursor = from;
  let blocksLeft = MOST_BLOCKS;
  for (let helping = FIRST_BLOCKS; ; helping *= 2) {
    const maxBlocks = Math.min(helping, blocksLeft);
    const page = await reader.read(tenant, cursor, { maxBlocks });
    const taken = takeWanted(page, limit - events.length, isWanted);
    events.push(...taken.events);
    cursor = taken.next;
    blocksLeft -= maxBlocks;
    if (!taken.hasMore || events.length === limit || blocksLeft === 0) return { ...taken, events };
  }
}

/** What follows the last one that is taken is passed over only where nothing of it is wanted. */
function takeWanted(page: LogPage, limit: number, isWanted: LogScan['isWanted']): LogScanAnswer {
  const wanted = page.events.filter(({ event }) => isWanted(event));
  const taken = wanted.slice(0, limit);
  const last = taken.at(-1);
  const isCut = wanted.length > taken.length;
  return {
    events: taken.map(({ event }) => event),
    next: isCut && last !== undefined ? last.after : page.next,
    hasMore: isCut || page.hasMore,
  };
}
