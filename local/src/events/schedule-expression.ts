/** Times at which a scheduled rule is due: the first one after `afterMs`, epoch milliseconds. */
export interface Schedule {
  next(afterMs: number): number;
}

const MINUTE_MS = 60_000;
const UNITS: Readonly<Record<string, number>> = {
  minute: MINUTE_MS,
  hour: 60 * MINUTE_MS,
  day: 1440 * MINUTE_MS,
};

/** Reads `rate(…)` of EventBridge rules. Throws with the name of any other schedule, `cron(…)` included. */
export function parseSchedule(expression: string): Schedule {
  const [, count, unit = ''] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const unitMs = UNITS[unit];
  if (unitMs === undefined) throw new Error(`The local cloud does not know the schedule ${expression}`);
  return { next: (afterMs) => afterMs + Number(count) * unitMs };
}
