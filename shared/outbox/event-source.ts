import type { EventsPerChange, RowImages, Stored } from '../events/stored-change.ts';

/**
 * Source that a subject brings, so that its changes become events. It reads what its table's stream says, and
 * makes events of what it has read; nothing here looks into either.
 */
export interface EventSource<Change> {
  /** Name of the table. Several sources may read one: the first that finds something has it. */
  readonly tableName: string;
  /**
   * Reads a change; undefined where there is nothing to tell.
   * @throws for an item that is not what this version writes
   */
  read(images: RowImages): Change | undefined;
  /** Asked for all changes of a batch at once, in their order, so that what has to be looked up is looked up together. */
  eventsOf(changes: readonly Stored<Change>[]): EventsPerChange | Promise<EventsPerChange>;
}

/** Source of some subject. A change is only ever given back to the source that has read it. */
export type AnyEventSource = EventSource<unknown>;

/** A change with the source that it came from, and goes back to. */
export interface SourcedChange extends Stored<unknown> {
  readonly source: AnyEventSource;
}
