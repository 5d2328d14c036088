import type { HourCounters } from '../../shared/domain/hour-counters.ts';
import type { LanePlace, MetricCounters } from '../../shared/domain/metric-ports.ts';

/** Counters in memory, with the conditions of the table. `calls` are its operations; `hours` and `cursors` what it holds. */
export function createMemoryMetricCounters() {
  const hours = new Map<string, HourCounters>();
  const cursors = new Map<string, number>();
  const calls: string[] = [];
  const keyOf = ({ tenant, lane }: LanePlace, hour = ''): string => `${tenant}#${lane}#${hour}`;

  const port: MetricCounters = {
    async foldedUpTo(place) {
      calls.push('foldedUpTo');
      return cursors.get(keyOf(place)) ?? -1;
    },
    async advance(place, foldedUpTo) {
      calls.push('advance');
      cursors.set(keyOf(place), Math.max(foldedUpTo, cursors.get(keyOf(place)) ?? -1));
    },
    async get(place, hour) {
      calls.push('get');
      return hours.get(keyOf(place, hour));
    },
    async replace(place, before, after) {
      calls.push('replace');
      if (hours.get(keyOf(place, after.hour))?.upTo !== before?.upTo) return false;
      hours.set(keyOf(place, after.hour), after);
      return true;
    },
    async range(place, fromHour, toHour) {
      calls.push('range');
      return [...hours]
        .filter(([key, { hour }]) => key === keyOf(place, hour) && hour >= fromHour && hour <= toHour)
        .map(([, each]) => each);
    },
  };
  return { port, hours, cursors, calls };
}
