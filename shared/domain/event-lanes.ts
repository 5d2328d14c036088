import { createHash } from 'node:crypto';
import type { LogCursor } from './event-ports.ts';
import type { PublishedEvent } from './published-event.ts';

/**
 * How many lanes a tenant's log has. 5,000 events a second are 140 written units for each of two partition keys, and
 * DynamoDB takes 1,000; more lanes would only make smaller segments.
 */
export const LANE_COUNT = 2;

export const LANES: readonly number[] = Array.from({ length: LANE_COUNT }, (_, lane) => lane);

export const LOG_KEEP_DAYS = 35;

/** A segment of this age has no earlier one to wait for: clocks of functions differ by milliseconds. */
export const SETTLE_MS = 1_000;

/** All events of one message are in one lane, and so are all of a suppression or a domain. */
export function laneOf({ id, data }: Pick<PublishedEvent, 'id' | 'data'>): number {
  const subject = String(data.email_id ?? data.id ?? id);
  return createHash('sha256').update(subject).digest().readUInt32BE(0) % LANE_COUNT;
}

/** What decides about a segment, without its events. */
export interface SegmentHead {
  readonly lane: number;
  readonly number: number;
  /** The writer's clock, never before the segment ahead of it in its lane. */
  readonly atEpochMs: number;
}

/** In the order of the log. */
export const isBefore = (one: SegmentHead, other: SegmentHead): boolean =>
  one.atEpochMs < other.atEpochMs || (one.atEpochMs === other.atEpochMs && one.lane < other.lane);

/**
 * The segment to read next: the first of all lanes, once none of them can bring an earlier one. Undefined where there is
 * none, or where it must be waited for.
 * @param heads the next segment of each lane, undefined where a lane has no more at the moment
 */
export function nextOf<Head extends SegmentHead>(
  heads: readonly (Head | undefined)[],
  nowEpochMs: number,
): Head | undefined {
  const known = heads.filter((head) => head !== undefined);
  const first = known.reduce<Head | undefined>(
    (best, head) => (best === undefined || isBefore(head, best) ? head : best),
    undefined,
  );
  if (first === undefined) return undefined;
  const isAlone = known.length < heads.length;
  return isAlone && nowEpochMs - first.atEpochMs < SETTLE_MS ? undefined : first;
}

/** A lane's place in a cursor; 0 is before everything. */
export const placeIn = (cursor: LogCursor | undefined, lane: number) =>
  cursor?.[lane] ?? { segment: 0, index: 0 };

/** The cursor with one lane further on. */
export const movedOn = (cursor: LogCursor, lane: number, segment: number, index: number): LogCursor =>
  cursor.map((place, each) => (each === lane ? { segment, index } : place));
