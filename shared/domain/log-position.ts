import type { LogCursor, LogPosition } from './event-ports.ts';

/**
 * Where the event stands that a reader came by between two cursors: in the lane that has moved. A cursor that stands at the
 * end of a segment may say so by that segment or by the one after it.
 */
export function positionBetween(before: LogCursor, after: LogCursor): LogPosition {
  const lanes = after.flatMap((to, lane) => {
    const from = before[lane] ?? { segment: to.segment, index: 0 };
    return from.segment === to.segment && from.index === to.index ? [] : [{ lane, from, to }];
  });
  const moved = lanes.find(({ to }) => to.index > 0) ?? lanes[0];
  if (moved === undefined) throw new Error('No lane has moved.');
  const { lane, from, to } = moved;
  return to.index > 0 ? { lane, segment: to.segment, index: to.index - 1 } : { lane, ...from };
}
