import type { Clock, Log } from '../../../shared/base/ports.ts';
import type { SweepCursors } from '../../../shared/messages/ports.ts';
import type { DueMinute, DueMinutes } from '../../../shared/scheduling/contract/due-rows.ts';
import type { ReleaseQueue } from '../../../shared/scheduling/contract/release-job.ts';
import {
  DUE_MINUTE_MS,
  dueMinuteOf,
  duePlaceAt,
  startOfDueMinute,
} from '../../../shared/scheduling/due-row.ts';

export interface ReleaseMinutesDeps {
  readonly dueMinutes: DueMinutes;
  readonly releaseQueue: Pick<ReleaseQueue, 'enqueueAll'>;
  readonly cursors: SweepCursors;
  readonly clock: Clock;
  readonly log: Pick<Log, 'error' | 'count'>;
}

/** Tenant under which due rows are kept, which are of all tenants. */
export const ALL_TENANTS = '*';

/**
 * Minutes are released when they begin within this time: the sweep comes once a minute, and what it releases has a minute
 * at least to reach the queues. What is put into a minute after that is queued by the worker that puts it there.
 */
const AHEAD_MS = 120_000;

const CURSOR = 'release';

/**
 * One job for each shard in use of every minute that is about to begin, or has begun since the last run looked. The cursor
 * passes over a minute once all of its jobs are queued.
 */
export function createReleaseMinutes(deps: ReleaseMinutesDeps): (hasTime: () => boolean) => Promise<void> {
  return async (hasTime) => {
    const last = dueMinuteOf(deps.clock.nowEpochMs() + AHEAD_MS);
    const fromEpochMs = (await deps.cursors.get(ALL_TENANTS, CURSOR)) ?? 0;
    const minutes = await deps.dueMinutes.list(dueMinuteOf(fromEpochMs), last);
    const doneUntilEpochMs = await releaseAll(minutes, startOfDueMinute(last) + DUE_MINUTE_MS, hasTime, deps);
    if (doneUntilEpochMs > fromEpochMs) {
      await deps.cursors.advance(ALL_TENANTS, CURSOR, doneUntilEpochMs);
    }
  };
}

/** @returns where the next run begins */
async function releaseAll(
  minutes: readonly DueMinute[],
  endEpochMs: number,
  hasTime: () => boolean,
  { releaseQueue, log }: ReleaseMinutesDeps,
): Promise<number> {
  for (const { minute, shards } of minutes) {
    if (!hasTime()) return startOfDueMinute(minute);
    const jobs = shards.map((shard) => ({ version: 1, minute, shard, waits: 0 }) as const);
    const unqueued = await releaseQueue.enqueueAll(jobs);
    log.count('DueShardsReleased', jobs.length - unqueued.length);
    if (unqueued.length === 0) continue;
    log.error('minute_not_released', { shards: unqueued.length, error: unqueued[0]?.error });
    return startOfDueMinute(minute);
  }
  return endEpochMs;
}

/** Removes the markers of minutes that the last check has passed. */
export function createForgetMinutes(
  { dueMinutes, cursors }: Pick<ReleaseMinutesDeps, 'dueMinutes' | 'cursors'>,
  lastCheck: string,
): (hasTime: () => boolean) => Promise<void> {
  return async (hasTime) => {
    const position = await cursors.get(ALL_TENANTS, lastCheck);
    if (position === undefined) return;
    const { minute: open } = duePlaceAt(position);
    for (const { minute } of await dueMinutes.list(dueMinuteOf(0), open)) {
      if (minute === open || !hasTime()) return;
      await dueMinutes.forget(minute);
    }
  };
}
