import type { Clock } from '../../host/clock.ts';
import { ageMs, type TableStreamReader } from '../table-streams/record.ts';
import type { ShardPart, TableStreamPositions } from './positions.ts';

/** Work that one mapping still has to do; records that its function is working on count. */
export interface TableStreamBacklog {
  readonly mapping: string;
  readonly function: string;
  readonly table: string;
  readonly waiting: number;
  /** Age of the oldest record that waits; 0 if none does. */
  readonly oldestAgeSeconds: number;
}

/** The backlog of every mapping among the parts. */
export function measureBacklogs(
  parts: readonly ShardPart[],
  positions: Pick<TableStreamPositions, 'of'>,
  streams: Pick<TableStreamReader, 'recordsAfter'>,
  clock: Pick<Clock, 'now'>,
): readonly TableStreamBacklog[] {
  const ages = (part: ShardPart) =>
    streams
      .recordsAfter(part.mapping.streamArn, part.shardId, positions.of(part))
      .filter(part.takes)
      .map((record) => ageMs(record, clock.now()));

  return [...Map.groupBy(parts, ({ mapping }) => mapping)].map(([mapping, own]) => {
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
