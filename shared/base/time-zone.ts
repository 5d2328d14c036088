import { MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE, MS_PER_QUARTER_HOUR } from './durations.ts';

/** Time that clocks on the wall show. */
export interface WallTime {
  /** Date, such as `2026-11-28`. */
  readonly date: string;
  readonly hour: number;
  readonly minute: number;
  /** Minutes east of UTC. */
  readonly offsetMinutes: number;
}

export interface TimeZone {
  at(epochMs: number): WallTime;
  /** The first moment of a date: not always midnight, which is skipped where summer begins at it. */
  startOf(date: string): number;
}

/** Furthest that a date begins from its UTC midnight: offsets go from -12:00 to +14:00. */
const FURTHEST_MS = 14 * MS_PER_HOUR;

/** @returns undefined where the name is none of the IANA's (and not an offset: those need not be whole quarters) */
export function createTimeZone(name: string): TimeZone | undefined {
  const format = formatFor(name);
  if (format === undefined) return undefined;
  const at = (epochMs: number) => readWallTime(format.format(epochMs), epochMs);
  return { at, startOf: (date) => firstQuarterOf(date, at) };
}

function formatFor(timeZone: string): Intl.DateTimeFormat | undefined {
  if (!/^[A-Za-z]/.test(timeZone)) return undefined;
  const twoDigits = { month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' } as const;
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', year: 'numeric', ...twoDigits });
  } catch {
    return undefined;
  }
}

/** Reads a text such as `11/28/2026, 04:15`. */
function readWallTime(text: string, epochMs: number): WallTime {
  const [month = '', day = '', year = '', hour = '', minute = ''] = text.match(/\d+/g) ?? [];
  const date = `${year}-${month}-${day}`;
  const shownMs = Date.parse(`${date}T${hour}:${minute}:00Z`);
  const offsetMinutes = Math.round((shownMs - epochMs) / MS_PER_MINUTE);
  return { date, hour: Number(hour), minute: Number(minute), offsetMinutes };
}

/** Dates only ever go up, however the hours are set. */
function firstQuarterOf(date: string, at: (epochMs: number) => WallTime): number {
  const midnight = Date.parse(date);
  let low = (midnight - FURTHEST_MS) / MS_PER_QUARTER_HOUR;
  let high = (midnight + FURTHEST_MS) / MS_PER_QUARTER_HOUR;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (at(middle * MS_PER_QUARTER_HOUR).date < date) low = middle + 1;
    else high = middle;
  }
  return low * MS_PER_QUARTER_HOUR;
}

/** Days of the calendar, which no zone can change. */
export const addDays = (date: string, days: number): string =>
  new Date(Date.parse(date) + days * MS_PER_DAY).toISOString().slice(0, 10);

/** Monday of a date's week, which begins on it (ISO 8601). */
export const mondayOf = (date: string): string => addDays(date, -((new Date(date).getUTCDay() + 6) % 7));

export const firstOfMonth = (date: string): string => `${date.slice(0, 7)}-01`;
