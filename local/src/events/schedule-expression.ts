/** When a scheduled rule is due: the first time after `afterMs`, epoch milliseconds. */
export interface Schedule {
  next(afterMs: number): number;
}

const MINUTE_MS = 60_000;
const UNITS: Readonly<Record<string, number>> = {
  minute: MINUTE_MS,
  hour: 60 * MINUTE_MS,
  day: 1440 * MINUTE_MS,
};
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
/** A cron expression that has no time within four years (29 February included) never comes. */
const SEARCH_DAYS = 4 * 366;

/**
 * Reads `rate(…)` and `cron(…)` of EventBridge rules, in UTC. Throws for what it does not know (`L`, `W`, `#`),
 * so that a schedule is never silently another one.
 */
export function parseSchedule(expression: string): Schedule {
  const rate = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression);
  if (rate) {
    const everyMs = Number(rate[1]) * (UNITS[rate[2] ?? ''] ?? MINUTE_MS);
    return { next: (afterMs) => afterMs + everyMs };
  }
  const cron = /^cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)$/.exec(expression);
  if (!cron) throw new Error(`The local cloud does not know the schedule ${expression}`);
  return toCronSchedule(expression, cron.slice(1));
}

function toCronSchedule(expression: string, fields: readonly string[]): Schedule {
  const field = (index: number, low: number, high: number, names: readonly string[] = [], base = 0) =>
    parseField(expression, fields[index] ?? '', { low, high, names, base });
  const minutes = field(0, 0, 59);
  const hours = field(1, 0, 23);
  const days = field(2, 1, 31);
  const months = field(3, 1, 12, MONTHS, 1);
  const weekdays = field(4, 1, 7, WEEKDAYS, 1);
  const years = field(5, 1970, 2199);
  const isDay = (date: Date) =>
    days.has(date.getUTCDate()) &&
    months.has(date.getUTCMonth() + 1) &&
    weekdays.has(date.getUTCDay() + 1) &&
    years.has(date.getUTCFullYear());

  return {
    next: (afterMs) => {
      const from = Math.floor(afterMs / MINUTE_MS) * MINUTE_MS + MINUTE_MS;
      for (
        let day = startOfDay(from), count = 0;
        count < SEARCH_DAYS;
        day += UNITS.day as number, count += 1
      ) {
        if (!isDay(new Date(day))) continue;
        const time = timesOfDay(day, hours, minutes).find((candidate) => candidate >= from);
        if (time !== undefined) return time;
      }
      return Number.POSITIVE_INFINITY;
    },
  };
}

const startOfDay = (ms: number): number => new Date(ms).setUTCHours(0, 0, 0, 0);

const timesOfDay = (day: number, hours: ReadonlySet<number>, minutes: ReadonlySet<number>): number[] =>
  [...hours].flatMap((hour) => [...minutes].map((minute) => day + (hour * 60 + minute) * MINUTE_MS));

interface FieldRange {
  readonly low: number;
  readonly high: number;
  /** Names that stand for numbers from `base` on. */
  readonly names: readonly string[];
  readonly base: number;
}

/** `*`, `?`, numbers and names, with ranges, lists and steps; the set is in ascending order. */
function parseField(expression: string, text: string, range: FieldRange): ReadonlySet<number> {
  const values = text.split(',').flatMap((item) => {
    const parts = /^(?:([*?])|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/.exec(item);
    const from = parts?.[2] === undefined ? range.low : toNumber(parts[2], range);
    const step = Number(parts?.[4] ?? 1);
    const to = lastOf(parts, from, range);
    if (!parts || Number.isNaN(from) || Number.isNaN(to) || step === 0)
      throw new Error(`The local cloud does not know ${item} in the schedule ${expression}`);
    return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);
  });
  return new Set(values.sort((a, b) => a - b));
}

function lastOf(parts: RegExpExecArray | null, from: number, range: FieldRange): number {
  if (parts?.[3] !== undefined) return toNumber(parts[3], range);
  return parts?.[1] !== undefined || parts?.[4] !== undefined ? range.high : from;
}

function toNumber(text: string, { low, high, names, base }: FieldRange): number {
  const name = names.indexOf(text.toUpperCase());
  const value = name >= 0 ? name + base : Number(text);
  return Number.isInteger(value) && value >= low && value <= high ? value : Number.NaN;
}
