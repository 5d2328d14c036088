import type { LogPosition } from './event-ports.ts';

/** A segment that a writer has seen, as far as it needs it. */
export interface SeenSegment {
  readonly number: number;
  readonly atEpochMs: number;
  readonly newestRecordAtEpochMs: number;
  readonly eventIds: readonly string[];
}

/**
 * What a writer knows of a lane: an unbroken run of its segments up to the head. It can tell of an event that it is in the
 * lane, and, as far as the run goes back, that it is not.
 */
export interface LaneMemory {
  readonly head: SeenSegment | undefined;
  /** The lowest number of the run. */
  readonly lowest: number | undefined;
  /** Ahead of the head. */
  add(segment: SeenSegment): void;
  /** Behind the lowest; `none` says that there is nothing before it. */
  addBefore(segment: SeenSegment | 'none'): void;
  find(eventId: string): LogPosition | undefined;
  /** Whether the run holds every segment that could have an event whose fact was stored then or later, and all from a number on. */
  reachesBack(recordedAtEpochMs: number, fromNumber: number | undefined): boolean;
  /** Forgets the oldest segments that are more than so many. */
  trim(): void;
}

/** Some 100 events each: more than half an hour of a busy lane, in a few megabytes. */
const REMEMBERED_SEGMENTS = 500;

export function createLaneMemory(lane: number): LaneMemory {
  const run: SeenSegment[] = [];
  const positions = new Map<string, LogPosition>();
  let isWhole = false;

  const note = ({ number, eventIds }: SeenSegment) => {
    for (const [index, id] of eventIds.entries()) positions.set(id, { lane, segment: number, index });
  };

  return {
    get head() {
      return run.at(-1);
    },
    get lowest() {
      return run[0]?.number;
    },
    add(segment) {
      run.push(segment);
      note(segment);
    },
    addBefore(segment) {
      if (segment === 'none') isWhole = true;
      else {
        run.unshift(segment);
        note(segment);
      }
    },
    find: (eventId) => positions.get(eventId),
    reachesBack(recordedAtEpochMs, fromNumber) {
      if (isWhole) return true;
      const [lowest] = run;
      if (lowest === undefined) return false;
      // Times only grow along a lane: what is before an older segment is older still.
      if (fromNumber !== undefined && lowest.number > fromNumber) return false;
      return lowest.newestRecordAtEpochMs < recordedAtEpochMs;
    },
    trim() {
      const forgotten = run.splice(0, Math.max(0, run.length - REMEMBERED_SEGMENTS));
      for (const id of forgotten.flatMap(({ eventIds }) => eventIds)) positions.delete(id);
      if (forgotten.length > 0) isWhole = false;
    },
  };
}
