import { encodeSegment } from '../contract/segment-codec.ts';
import { LOG_KEEP_DAYS, placeIn } from '../domain/event-lanes.ts';
import type { LogCursor, LogEntry, LoggedEvent } from '../domain/event-ports.ts';
import { createLaneMemory, type LaneMemory, type SeenSegment } from '../domain/lane-memory.ts';
import type { Clock, Ids } from '../domain/ports.ts';
import { eventsIn, type LaneSegments, type Segment } from './event-log-segments.ts';

export interface LaneWriterOptions {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly sleep: (ms: number) => Promise<unknown>;
  /** 0 to 1, by chance. */
  readonly jitter: () => number;
}

export interface LaneWriter {
  append(entries: readonly LogEntry[], lookFrom: LogCursor | undefined): Promise<readonly LoggedEvent[]>;
}

interface Lane extends LaneWriterOptions {
  readonly tenant: string;
  readonly lane: number;
  readonly segments: LaneSegments;
}

interface Work extends Lane {
  readonly entries: readonly LogEntry[];
  readonly lookFrom: LogCursor | undefined;
  readonly known: LaneMemory;
}

/** Others were faster each time; the whole batch comes again. */
export class LaneContendedError extends Error {
  override readonly name = 'LaneContendedError';
  readonly permanent = false;
}

const EVENTS_PER_SEGMENT = 100;
/** An item may have 400 KB; text shrinks at least to half of this. */
const BYTES_PER_SEGMENT = 600_000;
const SEGMENTS_PER_READ = 50;
const ROUNDS = 50;
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 200;
const DAY_SECONDS = 86_400;

/**
 * Appends to one lane. Who is alone appends with one put and reads nothing; who is not, reads what the others have put
 * before it puts.
 */
export function createLaneWriter(options: Lane): LaneWriter {
  let memory: LaneMemory | undefined;
  let isShared = false;
  let turn: Promise<unknown> = Promise.resolve();

  const append: LaneWriter['append'] = async (entries, lookFrom) => {
    const known = memory ?? createLaneMemory(options.lane);
    // What a failure leaves open is read anew.
    memory = undefined;
    const work = { ...options, entries, lookFrom, known };
    if (known.head === undefined || isShared) isShared = await readTail(work);
    const { logged, lost } = await appendAll(work);
    isShared ||= lost > 0;
    known.trim();
    memory = known;
    return logged;
  };

  return {
    append(entries, lookFrom) {
      const next = turn.then(() => append(entries, lookFrom));
      turn = next.catch(() => undefined);
      return next;
    },
  };
}

async function appendAll(work: Work) {
  const { entries, known, sleep, jitter } = work;
  const added = new Set<string>();
  for (let lost = 0; ; ) {
    await readBack(work);
    const missing = missingFrom(entries, known);
    if (missing.length === 0) {
      return { logged: entries.flatMap(({ event }) => loggedAs(event, known, added)), lost };
    }
    if (await appendChunk(chunkOf(missing), added, work)) continue;
    lost += 1;
    if (lost > ROUNDS) throw new LaneContendedError(`${missing.length} events of one lane`);
    await sleep(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** lost) * jitter());
    // A put that is refused costs as much as one that is not; a look costs a twentieth.
    await readTail(work);
  }
}

function loggedAs(event: LogEntry['event'], known: LaneMemory, added: ReadonlySet<string>) {
  const position = known.find(event.id);
  return position === undefined ? [] : [{ event, position, isNew: added.has(event.id) }];
}

/** Each once, in the order in which they came. */
function missingFrom(entries: readonly LogEntry[], known: LaneMemory): readonly LogEntry[] {
  const byId = new Map(entries.map((entry) => [entry.event.id, entry]));
  return [...byId.values()].filter(({ event }) => known.find(event.id) === undefined);
}

/** At least one, whatever its size. */
function chunkOf(entries: readonly LogEntry[]): readonly LogEntry[] {
  let bytes = 0;
  const end = entries.findIndex(({ event }, index) => {
    bytes += Buffer.byteLength(JSON.stringify(event));
    return index > 0 && (index >= EVENTS_PER_SEGMENT || bytes > BYTES_PER_SEGMENT);
  });
  return end < 0 ? entries : entries.slice(0, end);
}

/** False where somebody else's segment took the number; it is known then. */
async function appendChunk(chunk: readonly LogEntry[], added: Set<string>, work: Work): Promise<boolean> {
  const { known, segments } = work;
  const segment = await segmentAfter(known.head, chunk, work);
  const winner = await segments.putIfAbsent(segment);
  known.add(seen(winner, work));
  if (winner.writerId !== segment.writerId) return false;
  for (const { event } of chunk) added.add(event.id);
  return true;
}

async function segmentAfter(
  head: SeenSegment | undefined,
  chunk: readonly LogEntry[],
  { lane, segments, clock, ids }: Work,
): Promise<Segment> {
  const nowEpochMs = clock.nowEpochMs();
  const oldestKept = nowEpochMs - LOG_KEEP_DAYS * DAY_SECONDS * 1000;
  const number = head === undefined ? await segments.begin(nowEpochMs, oldestKept) : head.number + 1;
  return {
    ...{ lane, number },
    atEpochMs: Math.max(nowEpochMs, head?.atEpochMs ?? 0),
    newestRecordAtEpochMs: Math.max(
      head?.newestRecordAtEpochMs ?? 0,
      ...chunk.map(({ recordedAtEpochMs }) => recordedAtEpochMs),
    ),
    expiresAtEpochSeconds: Math.floor(nowEpochMs / 1000) + LOG_KEEP_DAYS * DAY_SECONDS,
    body: encodeSegment(chunk.map(({ event }) => event)),
    writerId: ids.next(),
  };
}

/** What others have appended since, or the last segment where nothing is known yet. @returns whether there was any of theirs */
async function readTail(work: Work): Promise<boolean> {
  const { known, segments } = work;
  if (known.head === undefined) {
    const last = await segments.query({ backwards: true, limit: 1 });
    if (last.segments.length === 0) known.addBefore('none');
    for (const segment of last.segments) known.add(seen(segment, work));
    return false;
  }
  const before = known.head.number;
  for (let hasMore = true; hasMore; ) {
    const ahead = await segments.query({ from: known.head.number + 1, limit: SEGMENTS_PER_READ });
    for (const segment of ahead.segments) known.add(seen(segment, work));
    hasMore = ahead.hasMore;
  }
  return known.head.number > before;
}

/** As far back as one of the entries could be. */
async function readBack(work: Work): Promise<void> {
  const { lane, entries, lookFrom, known, segments } = work;
  const oldest = Math.min(...entries.map(({ recordedAtEpochMs }) => recordedAtEpochMs));
  const fromNumber = lookFrom && placeIn(lookFrom, lane).segment;
  while (!known.reachesBack(oldest, fromNumber)) {
    const from = (known.lowest ?? 0) - 1;
    const before = await segments.query({ from, backwards: true, limit: SEGMENTS_PER_READ });
    for (const segment of before.segments) known.addBefore(seen(segment, work));
    if (!before.hasMore) known.addBefore('none');
  }
}

const seen = (segment: Segment, { tenant }: Pick<Lane, 'tenant'>): SeenSegment => ({
  number: segment.number,
  atEpochMs: segment.atEpochMs,
  newestRecordAtEpochMs: segment.newestRecordAtEpochMs,
  eventIds: eventsIn(segment, tenant).map(({ id }) => id),
});
