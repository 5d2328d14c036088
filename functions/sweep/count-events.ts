import { MS_PER_MINUTE } from '../../shared/base/durations.ts';
import type { Log } from '../../shared/base/ports.ts';
import { type FoldDeps, foldLog } from '../../shared/metrics/services/fold-metrics.ts';

interface CountEventsDeps extends FoldDeps {
  /** Names of the tenants that may have events; the operator's name first. */
  readonly tenants: () => Promise<readonly string[]>;
  readonly log: Pick<Log, 'error'>;
}

/** Time for a round over all tenants. A look costs two or three read units, where nothing has happened. */
const ROUND_MINUTES = 15;
/** Time spent counting in each minute. */
const COUNT_FOR_MS = 10_000;

/**
 * Folds what the log has into the counters. It goes round all tenants in a quarter of an hour, by the clock:
 * a young process would begin with the first again. A tenant with much to count is looked at in the next
 * minute too, and one that was not reached in time first of all.
 */
export function createCountEvents(deps: CountEventsDeps): () => Promise<void> {
  const waiting = new Set<string>();

  return async () => {
    try {
      const startEpochMs = deps.clock.nowEpochMs();
      const hasTime = () => deps.clock.nowEpochMs() < startEpochMs + COUNT_FOR_MS;
      for (const tenant of shareOf(await deps.tenants(), startEpochMs)) waiting.add(tenant);
      for (const tenant of [...waiting]) {
        if (!hasTime()) return;
        waiting.delete(tenant);
        if (await isBusy(tenant, hasTime, deps)) waiting.add(tenant);
      }
    } catch (error) {
      deps.log.error('events_not_counted', { error });
    }
  };
}

/** The tenants whose minute it is. */
function shareOf(tenants: readonly string[], nowEpochMs: number): readonly string[] {
  const minute = Math.floor(nowEpochMs / MS_PER_MINUTE);
  return tenants.filter((_, index) => (minute + index) % ROUND_MINUTES === 0);
}

/**
 * Counts for one tenant, and tells whether it is busy. One that fails keeps no other from being counted, and
 * is looked at again in its next round.
 */
async function isBusy(tenant: string, hasTime: () => boolean, deps: CountEventsDeps): Promise<boolean> {
  try {
    return (await foldLog(tenant, hasTime, deps)).isBusy;
  } catch (error) {
    deps.log.error('tenant_not_counted', { error });
    return false;
  }
}
