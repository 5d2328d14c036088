import type { PublishedEvent } from './published-event.ts';

/** An item of a table before and after a write, as its stream tells it; undefined where there was none. */
export interface RowImages {
  readonly before: Readonly<Record<string, unknown>> | undefined;
  readonly after: Readonly<Record<string, unknown>> | undefined;
}

/** A change in a subject's words, with when it was stored by the clock of the table. */
export interface Stored<Change> {
  readonly change: Change;
  readonly recordedAtEpochMs: number;
}

/** Events for each change of a list: nothing, one event, or several. */
export type EventsPerChange = readonly (readonly PublishedEvent[])[];
