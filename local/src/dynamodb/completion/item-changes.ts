import type { Item } from '../item-size.ts';
import type { TableStreams } from '../table-streams/table-streams.ts';
import { keyOf, type TableShape } from './table-shapes.ts';

/** An item before and after a write that was done; undefined where there was none. */
interface ItemVersions {
  readonly before: Item | undefined;
  readonly after: Item | undefined;
  /** True if the time to live deleted it. */
  readonly isExpiry?: boolean;
}

/**
 * Listener that is told of every write of an item while the item is held, so that it hears of them in their
 * order.
 */
export type NoteChange = (table: TableShape, versions: ItemVersions) => void;

/** Writes changes into the stream of their table, where it has one. */
export const createNoteChange =
  (streams: Pick<TableStreams, 'ofTable'>): NoteChange =>
  (table, versions) => {
    const keys = keyOf(table, versions.after ?? versions.before ?? {});
    streams.ofTable(table.name)?.append({ keys, ...versions });
  };
