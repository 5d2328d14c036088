export const MS_PER_SECOND = 1_000;
export const MS_PER_MINUTE = 60 * MS_PER_SECOND;
export const MS_PER_HOUR = 60 * MS_PER_MINUTE;
export const MS_PER_DAY = 24 * MS_PER_HOUR;
export const SECONDS_PER_DAY = 86_400;

/** Length of a quarter: every time zone's days and hours begin at a quarter of an hour of UTC. */
export const MS_PER_QUARTER_HOUR = MS_PER_HOUR / 4;
