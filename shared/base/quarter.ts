export const HOUR_MS = 3_600_000;

/** Every time zone's days and hours begin at a quarter of an hour of UTC. */
export const QUARTER_MS = HOUR_MS / 4;
