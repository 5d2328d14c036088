import { invalidField } from '../../base/contract/errors.ts';
import { readIsoTime } from '../../base/contract/iso-time.ts';
import { MS_PER_QUARTER_HOUR } from '../../base/durations.ts';
import { addDays, type TimeZone } from '../../base/time-zone.ts';
import { COUNTERS_KEPT_DAYS } from '../../messages/retention.ts';
import { quarterOf } from '../hour-counters.ts';
import type { TimeRange } from '../metric-periods.ts';

/** Range that is counted, and what the answer says of it. */
export interface MetricsRange extends TimeRange {
  readonly startEpochMs: number;
  readonly endEpochMs: number;
}

/** One end of what is asked for. */
interface Bound {
  /** Time in the answer: the time itself, or the beginning of the day. */
  readonly epochMs: number;
  /** The last moment that is meant. */
  readonly lastEpochMs: number;
}

const DEFAULT_DAYS_BEFORE = 6;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Reads the range from `start_date` to `end_date`. A date is a whole day of the time zone, and so is its
 * first moment, which is how an answer shows it; any other time is itself, rounded outwards to a quarter of
 * an hour. What has not come yet is left out.
 * @throws ContractError 422 for what is no time, and for an end before the start
 */
export function readMetricsRange(
  { start_date: start, end_date: end }: Readonly<Record<string, string>>,
  zone: TimeZone,
  nowEpochMs: number,
): MetricsRange {
  const now = { epochMs: nowEpochMs, lastEpochMs: nowEpochMs };
  const last = earlier(end ? readBound(end, 'end_date', zone) : now, now);
  const first = start
    ? readBound(start, 'start_date', zone)
    : dayBound(addDays(zone.at(last.epochMs).date, -DEFAULT_DAYS_BEFORE), zone);
  if (first.epochMs > Math.max(last.epochMs, last.lastEpochMs)) {
    throw invalidField('The `start_date` must be on or before the `end_date`, and not in the future.');
  }
  return {
    startEpochMs: first.epochMs,
    endEpochMs: last.epochMs,
    fromEpochMs: quarterOf(first.epochMs),
    toEpochMs: quarterOf(last.lastEpochMs) + MS_PER_QUARTER_HOUR,
  };
}

/**
 * The part of a range that there are counters of.
 * @throws ContractError 422 where that is nothing
 */
export function keptRange(range: MetricsRange, zone: TimeZone, nowEpochMs: number): MetricsRange {
  const oldestEpochMs = zone.startOf(addDays(zone.at(nowEpochMs).date, -COUNTERS_KEPT_DAYS));
  if (range.toEpochMs <= oldestEpochMs) {
    throw invalidField(`The \`end_date\` is too long ago: metrics are kept for ${COUNTERS_KEPT_DAYS} days.`);
  }
  return {
    ...range,
    startEpochMs: Math.max(range.startEpochMs, oldestEpochMs),
    fromEpochMs: Math.max(range.fromEpochMs, oldestEpochMs),
  };
}

function readBound(text: string, field: string, zone: TimeZone): Bound {
  const epochMs = readIsoTime(text);
  if (epochMs === undefined || Number.isNaN(epochMs)) {
    throw invalidField(
      `The \`${field}\` must be a date or a time in ISO 8601: \`2026-07-01\`, \`2026-07-01T08:30:00Z\`.`,
    );
  }
  if (DATE.test(text)) return dayBound(text, zone);
  const day = dayBound(zone.at(epochMs).date, zone);
  // What begins at a time is not asked for by a question up to it.
  return day.epochMs === epochMs ? day : { epochMs, lastEpochMs: epochMs - 1 };
}

const dayBound = (date: string, zone: TimeZone): Bound => ({
  epochMs: zone.startOf(date),
  lastEpochMs: zone.startOf(addDays(date, 1)) - 1,
});

const earlier = (one: Bound, other: Bound): Bound => ({
  epochMs: Math.min(one.epochMs, other.epochMs),
  lastEpochMs: Math.min(one.lastEpochMs, other.lastEpochMs),
});
