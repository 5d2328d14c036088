import { decodeSegment } from '../contract/event-segment-codec.ts';
import type { LaneReader } from '../domain/event-ports.ts';
import { contiguousFrom } from './event-log-ends.ts';
import { createSegmentRows, type EventsTableOptions, type SegmentRow } from './event-log-rows.ts';

/** The log segment by segment, for counting: one run of numbers, whatever lanes its segments lie in. */
export function createLaneReader(options: EventsTableOptions): LaneReader {
  const rows = createSegmentRows(options);

  const runFrom = async (tenant: string, from: number, most: number): Promise<readonly SegmentRow[]> => {
    const { found } = await rows.between(tenant, { from, to: from + most - 1 });
    return contiguousFrom(from, found);
  };

  return {
    laneCount: 1,

    async segments(tenant, _lane, fromNumber, maxSegments) {
      const run = await runFrom(tenant, fromNumber, maxSegments);
      const kept = run.length > 0 ? run : await runFromOldest(tenant, fromNumber, maxSegments);
      return kept.map(({ number, body }) => ({ number, events: decodeSegment(body, tenant) }));
    },
  };

  /** What comes before the oldest segment that is left has expired. */
  async function runFromOldest(tenant: string, after: number, most: number): Promise<readonly SegmentRow[]> {
    const oldest = await rows.first(tenant);
    return oldest === undefined || oldest.number <= after ? [] : runFrom(tenant, oldest.number, most);
  }
}
