import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LANES, LOG_KEEP_DAYS, movedOn, nextOf, placeIn } from '../domain/event-lanes.ts';
import {
  CursorError,
  type EventLogReader,
  type LaneReader,
  type LogCursor,
  type LogPage,
} from '../domain/event-ports.ts';
import type { Clock } from '../domain/ports.ts';
import {
  createEventLogSegments,
  type EventLogSegments,
  eventsIn,
  type LaneSegments,
  type Segment,
} from './event-log-segments.ts';

export interface EventLogReaderOptions {
  readonly client: DynamoDBClient;
  /** The events table. */
  readonly tableName: string;
  readonly clock: Clock;
}

const SEGMENTS_PER_READ = 20;
const KEEP_MS = LOG_KEEP_DAYS * 86_400_000;

/** The reading end of the log: lanes merged into one order, and nothing passed over. */
export function createEventLogReader({ client, tableName, clock }: EventLogReaderOptions): EventLogReader {
  const segments = createEventLogSegments(client, tableName);
  const seek = (tenant: string, epochMs: number): Promise<LogCursor> =>
    Promise.all(LANES.map((lane) => seekIn(segments(tenant, lane), epochMs)));

  return {
    seek,

    async read(tenant, cursor, { maxSegments }) {
      const nowEpochMs = clock.nowEpochMs();
      const from = cursor ?? (await seek(tenant, nowEpochMs - KEEP_MS));
      const lanes = LANES.map((lane) => openLane(segments, tenant, lane, from, nowEpochMs));
      return readMerged(lanes, { tenant, from, maxSegments, nowEpochMs });
    },

    end: (tenant) =>
      Promise.all(
        LANES.map(async (lane) => {
          const [head] = (await segments(tenant, lane).query({ backwards: true, limit: 1 })).segments;
          return { segment: head === undefined ? 0 : head.number + 1, index: 0 };
        }),
      ),

    async get(tenant, { lane, segment, index }) {
      const found = await segments(tenant, lane).get(segment);
      return found && eventsIn(found, tenant)[index];
    },
  };
}

/** The log lane by lane, in the order of each. */
export function createLaneReader({
  client,
  tableName,
}: Pick<EventLogReaderOptions, 'client' | 'tableName'>): LaneReader {
  const segments = createEventLogSegments(client, tableName);
  return {
    laneCount: LANES.length,

    async segments(tenant, lane, fromNumber, maxSegments) {
      const source = segments(tenant, lane);
      const found: Segment[] = [];
      for (let hasMore = true; hasMore && found.length < maxSegments; ) {
        const from = (found.at(-1)?.number ?? fromNumber - 1) + 1;
        const page = await source.query({ from, limit: maxSegments - found.length });
        found.push(...page.segments);
        hasMore = page.hasMore;
      }
      return found.map((segment) => ({ number: segment.number, events: eventsIn(segment, tenant) }));
    },
  };
}

/** A lane as far as it has been read: its next segment, read when somebody asks for it. */
interface OpenLane {
  peek(): Promise<Segment | undefined>;
  take(): void;
}

function openLane(
  segments: EventLogSegments,
  tenant: string,
  lane: number,
  cursor: LogCursor,
  nowEpochMs: number,
): OpenLane {
  const from = placeIn(cursor, lane).segment;
  const source = segments(tenant, lane);
  let buffer: readonly Segment[] = [];
  let next = from;
  let isExhausted = false;

  const fill = async (): Promise<void> => {
    const page = await source.query({ from: next, limit: SEGMENTS_PER_READ });
    if (next === from) await requireUnbroken(source, from, page.segments[0], nowEpochMs);
    buffer = page.segments;
    next = (page.segments.at(-1)?.number ?? next - 1) + 1;
    isExhausted = !page.hasMore;
  };

  return {
    async peek() {
      if (buffer.length === 0 && !isExhausted) await fill();
      return buffer[0];
    },
    take() {
      buffer = buffer.slice(1);
    },
  };
}

/**
 * Segments have no gap, and expire from their oldest on: what a cursor points at is there, or comes next, or has expired.
 * @throws CursorError
 */
async function requireUnbroken(
  source: LaneSegments,
  from: number,
  first: Segment | undefined,
  nowEpochMs: number,
): Promise<void> {
  if (from === 0) return;
  if (first !== undefined) {
    const isGone = first.number > from || first.expiresAtEpochSeconds * 1000 <= nowEpochMs;
    if (isGone) throw new CursorError('expired');
    return;
  }
  const [head] = (await source.query({ backwards: true, limit: 1 })).segments;
  if (head !== undefined && head.number !== from - 1) throw new CursorError('unknown');
}

interface Merge {
  readonly tenant: string;
  readonly from: LogCursor;
  readonly maxSegments: number;
  readonly nowEpochMs: number;
}

async function readMerged(
  lanes: readonly OpenLane[],
  { tenant, from, maxSegments, nowEpochMs }: Merge,
): Promise<LogPage> {
  const events: LogPage['events'][number][] = [];
  let next = from;
  for (let taken = 0; ; taken += 1) {
    const heads = await Promise.all(lanes.map((lane) => lane.peek()));
    const segment = nextOf(heads, nowEpochMs);
    if (segment === undefined) return { events, next, hasMore: false };
    if (taken === maxSegments) return { events, next, hasMore: true };
    lanes[segment.lane]?.take();
    const { segment: number, index } = placeIn(next, segment.lane);
    const done = number === segment.number ? index : 0;
    for (const [at, event] of eventsIn(segment, tenant).entries()) {
      if (at < done) continue;
      events.push({ event, after: movedOn(next, segment.lane, segment.number, at + 1) });
    }
    next = movedOn(next, segment.lane, segment.number + 1, 0);
  }
}

/** By halving between the lane's first and last segment, since their times only grow. */
async function seekIn(source: LaneSegments, epochMs: number): Promise<LogCursor[number]> {
  const [head] = (await source.query({ backwards: true, limit: 1 })).segments;
  if (head === undefined) return { segment: 0, index: 0 };
  const [first = head] = (await source.query({ limit: 1 })).segments;
  let [low, high] = [first.number, head.number + 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [found] = (await source.query({ from: middle, limit: 1 })).segments;
    if (found === undefined || found.atEpochMs >= epochMs) high = middle;
    else low = found.number + 1;
  }
  return { segment: low, index: 0 };
}
