import { partitionOf } from './event-block.ts';
import type { LogCursor, LogPosition } from './ports.ts';

/** Finds where the event stands that a reader came by between two cursors (`cursorBehind`). */
export function positionBetween(before: LogCursor, after: LogCursor): LogPosition {
  const isLast = after.index === 0;
  const block = isLast ? after.block - 1 : after.block;
  // Of a block that begins elsewhere than where the reader stood, only the first event can be the last.
  const indexOfLast = before.block === block ? before.index : 0;
  return { partition: partitionOf(block), block, index: isLast ? indexOfLast : after.index - 1 };
}
