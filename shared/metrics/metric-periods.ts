import { MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE } from '../base/durations.ts';
import { addDays, firstOfMonth, mondayOf, type TimeZone, type WallTime } from '../base/time-zone.ts';

export const GRANULARITIES = ['hourly', 'daily', 'weekly', 'monthly'] as const;
export type Granularity = (typeof GRANULARITIES)[number];

/** Range that is half open: the end belongs to what follows. */
export interface TimeRange {
  readonly fromEpochMs: number;
  readonly toEpochMs: number;
}

export interface Period {
  /** The date that it begins with, or the hour: `2026-11-28`, `2026-11-28T04:00:00+05:30`. */
  readonly name: string;
  readonly startEpochMs: number;
}

const LENGTH_MS: Readonly<Record<Granularity, number>> = {
  hourly: MS_PER_HOUR,
  daily: MS_PER_DAY,
  weekly: 7 * MS_PER_DAY,
  monthly: 28 * MS_PER_DAY,
};

/** Number of periods that fit into a range, at most; what its ends cut is one more. */
export const periodsWithin = ({ fromEpochMs, toEpochMs }: TimeRange, granularity: Granularity): number =>
  Math.ceil((toEpochMs - fromEpochMs) / LENGTH_MS[granularity]);

/** Every period that a range touches, in order; the first and the last may be in it by a part only. */
export function planPeriods(range: TimeRange, granularity: Granularity, zone: TimeZone): readonly Period[] {
  return granularity === 'hourly' ? planHours(range, zone) : planDays(range, granularity, zone);
}

/** Index of the period that a moment belongs to: the last that has begun; -1 before the first. */
export function periodIndexOf(periods: readonly Period[], epochMs: number): number {
  let low = 0;
  let high = periods.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((periods[middle]?.startEpochMs ?? 0) <= epochMs) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function planDays(
  { fromEpochMs, toEpochMs }: TimeRange,
  granularity: Exclude<Granularity, 'hourly'>,
  zone: TimeZone,
): readonly Period[] {
  const periods: Period[] = [];
  const { first, next } = CALENDAR[granularity];
  for (let name = first(zone.at(fromEpochMs).date); ; name = next(name)) {
    const startEpochMs = zone.startOf(name);
    if (startEpochMs >= toEpochMs) return periods;
    periods.push({ name, startEpochMs });
  }
}

const CALENDAR = {
  daily: { first: (date: string) => date, next: (date: string) => addDays(date, 1) },
  weekly: { first: mondayOf, next: (date: string) => addDays(date, 7) },
  monthly: { first: firstOfMonth, next: (date: string) => firstOfMonth(addDays(date, 31)) },
};

/**
 * Plans hours by the clock on the wall: an hour that comes twice is two periods, told apart by their offsets.
 */
function planHours({ fromEpochMs, toEpochMs }: TimeRange, zone: TimeZone): readonly Period[] {
  const periods: Period[] = [];
  let startEpochMs = fromEpochMs - zone.at(fromEpochMs).minute * MS_PER_MINUTE;
  while (startEpochMs < toEpochMs) {
    const wallTime = zone.at(startEpochMs);
    periods.push({ name: hourName(wallTime), startEpochMs });
    startEpochMs += MS_PER_HOUR - wallTime.minute * MS_PER_MINUTE;
  }
  return periods;
}

function hourName({ date, hour, offsetMinutes }: WallTime): string {
  return `${date}T${twoDigits(hour)}:00:00${offsetName(offsetMinutes)}`;
}

function offsetName(minutes: number): string {
  if (minutes === 0) return 'Z';
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${twoDigits(Math.floor(size / 60))}:${twoDigits(size % 60)}`;
}

const twoDigits = (value: number): string => String(value).padStart(2, '0');
