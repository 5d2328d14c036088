import { laneOf } from './event-segment.ts';
import type { LogCursor, LogPosition } from './ports.ts';

/** Where the event stands that a reader came by between two cursors (`cursorBehind`). */
export function positionBetween(before: LogCursor, after: LogCursor): LogPosition {
  const isLast = after.index === 0;
  const segment = isLast ? after.segment - 1 : after.segment;
  // Of a segment that begins elsewhere than where the reader stood, only the first event can be the last.
  const indexOfLast = before.segment === segment ? before.index : 0;
  return { lane: laneOf(segment), segment, index: isLast ? indexOfLast : after.index - 1 };
}
