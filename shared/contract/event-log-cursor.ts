import { LANE_COUNT } from '../domain/event-lanes.ts';
import { CursorError, type LogCursor } from '../domain/event-ports.ts';

/** As text that goes through URLs and headers unchanged: `1-mf3k2a1b.0-mf3k2a1c.12`, lanes in order. */
export const writeCursor = (cursor: LogCursor): string =>
  [VERSION, ...cursor.map(({ segment, index }) => `${segment.toString(36)}.${index}`)].join('-');

const VERSION = '1';
const PLACE = /^(0|[1-9a-z][\da-z]{0,9})\.(0|[1-9]\d{0,5})$/;

/** @throws CursorError where it is none that we could have written */
export function readCursor(text: string): LogCursor {
  const [version, ...places] = text.split('-');
  const cursor = places.map((place) => {
    const [, segment, index] = PLACE.exec(place) ?? [];
    if (segment === undefined || index === undefined) throw new CursorError('unknown');
    return { segment: Number.parseInt(segment, 36), index: Number(index) };
  });
  if (version !== VERSION || cursor.length !== LANE_COUNT) throw new CursorError('unknown');
  return cursor;
}
