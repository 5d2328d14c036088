import type { Clock } from '../../host/clock.ts';
import { ageMs, type StreamReader } from '../table-streams/record.ts';
import type { Lane, StreamPositions } from './positions.ts';

/** What one mapping has still to do; records that its function is working on count. */
export interface StreamBacklog {
  readonly mapping: string;
  readonly function: string;
  readonly table: string;
  readonly waiting: number;
  /** 0 where nothing waits. */
  readonly oldestAgeSeconds: number;
}

/** The backlog of every mapping among the lanes. */
export function measureBacklogs(
  lanes: readonly Lane[],
  positions: Pick<StreamPositions, 'of'>,
  streams: Pick<StreamReader, 'recordsAfter'>,
  clock: Pick<Clock, 'now'>,
): readonly StreamBacklog[] {
  const ages = (lane: Lane) =>
    streams
      .recordsAfter(lane.mapping.streamArn, lane.shardId, positions.of(lane))
      .filter(lane.takes)
      .map((record) => ageMs(record, clock.now()));

  return [...Map.groupBy(lanes, ({ mapping }) => mapping)].map(([mapping, own]) => {
    const waiting = own.flatMap(ages);
    return {
      mapping: mapping.logicalId,
      function: mapping.target.functionName ?? mapping.target.logicalId,
      table: mapping.tableName,
      waiting: waiting.length,
      oldestAgeSeconds: Math.floor(Math.max(0, ...waiting) / 1000),
    };
  });
}
