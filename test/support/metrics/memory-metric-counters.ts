import type { HourCounters } from '../../../shared/metrics/hour-counters.ts';
import type { MetricCounters } from '../../../shared/metrics/ports.ts';

/** Counters in memory, with the conditions of the table. `calls` are its operations; `hours` and `cursors` what it holds. */
export function createMemoryMetricCounters() {
  const hours = new Map<string, HourCounters>();
  const cursors = new Map<string, number>();
  const calls: string[] = [];
  const keyOf = (tenant: string, hour: string): string => `${tenant}#${hour}`;

  const port: MetricCounters = {
    async foldedUpTo(tenant) {
      calls.push('foldedUpTo');
      return cursors.get(tenant) ?? 0;
    },
    async advance(tenant, foldedUpTo) {
      calls.push('advance');
      cursors.set(tenant, Math.max(foldedUpTo, cursors.get(tenant) ?? 0));
    },
    async get(tenant, hour) {
      calls.push('get');
      return hours.get(keyOf(tenant, hour));
    },
    async replace(tenant, before, after) {
      calls.push('replace');
      if (hours.get(keyOf(tenant, after.hour))?.upTo !== before?.upTo) return false;
      hours.set(keyOf(tenant, after.hour), after);
      return true;
    },
    async range(tenant, fromHour, toHour) {
      calls.push('range');
      return [...hours]
        .filter(([key, { hour }]) => key === keyOf(tenant, hour) && hour >= fromHour && hour <= toHour)
        .map(([, each]) => each);
    },
  };
  return { port, hours, cursors, calls };
}
