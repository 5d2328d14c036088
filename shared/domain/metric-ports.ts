import type { HourCounters } from './hour-counters.ts';

/** A lane of a tenant's log, whose events are counted. */
export interface LanePlace {
  readonly tenant: string;
  readonly lane: number;
}

/** Counters folded from the log, kept for longer than the log (`docs/decisions/0015-metrics.md`). */
export interface MetricCounters {
  /** Every segment up to this one is counted; -1 before the first. It may be told late, never early. */
  foldedUpTo(place: LanePlace): Promise<number>;
  /** Never back. */
  advance(place: LanePlace, foldedUpTo: number): Promise<void>;
  /** Consistent. */
  get(place: LanePlace, hour: string): Promise<HourCounters | undefined>;
  /** Only in place of what was read, where that was nothing as well; false where somebody has written since. */
  replace(place: LanePlace, before: HourCounters | undefined, after: HourCounters): Promise<boolean>;
  /** Every hour from one to another, both included, that has something. Consistent. */
  range(place: LanePlace, fromHour: string, toHour: string): Promise<readonly HourCounters[]>;
}
