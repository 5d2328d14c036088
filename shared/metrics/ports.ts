import type { HourCounters } from './hour-counters.ts';

/** Counters folded from a tenant's log, kept for longer than the log (`docs/decisions/0015-metrics.md`). */
export interface MetricCounters {
  /** Every block up to this one is counted; 0 before the first. It may be told late, never early. */
  foldedUpTo(tenant: string): Promise<number>;
  /** Moves the mark forward, never back. */
  advance(tenant: string, foldedUpTo: number): Promise<void>;
  /** Reads consistently. */
  get(tenant: string, hour: string): Promise<HourCounters | undefined>;
  /** Only in place of what was read, where that was nothing as well; false where another folder has written since. */
  replace(tenant: string, before: HourCounters | undefined, after: HourCounters): Promise<boolean>;
  /** Every hour from one to another, both included, that has something. Consistent. */
  range(tenant: string, fromHour: string, toHour: string): Promise<readonly HourCounters[]>;
}
