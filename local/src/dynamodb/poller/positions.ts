import { keep, readKept } from '../../host/kept-file.ts';
import { partitionHash } from '../table-streams/partition-hash.ts';
import type { TableStreamReader, TableStreamRecord } from '../table-streams/record.ts';
import type { TableStreamMapping } from './mapping.ts';

/** One reader of a shard: with a ParallelizationFactor there are several, each with partition keys of its own. */
export interface ShardPart {
  readonly name: string;
  readonly mapping: TableStreamMapping;
  readonly shardId: string;
  /** Tells whether a record is of this part's keys and passes the filters. */
  takes(record: TableStreamRecord): boolean;
}

/** Positions of all parts: how far each has come. */
export interface TableStreamPositions {
  /** The sequence number that a part goes on after; `''` before the first. */
  of(part: ShardPart): string;
  advance(part: ShardPart, sequenceNumber: string): void;
}

export function createShardParts(
  mappings: readonly TableStreamMapping[],
  streams: Pick<TableStreamReader, 'shardIds'>,
): readonly ShardPart[] {
  return mappings.flatMap((mapping) => {
    const shardIds = streams.shardIds(mapping.streamArn);
    return shardIds.flatMap((shardId) =>
      Array.from({ length: mapping.parts }, (_, index) =>
        createShardPart(mapping, shardId, index, shardIds.length),
      ),
    );
  });
}

function createShardPart(
  mapping: TableStreamMapping,
  shardId: string,
  index: number,
  shards: number,
): ShardPart {
  const isOwn = ({ dynamodb }: TableStreamRecord) =>
    mapping.parts === 1 ||
    Math.floor(partitionHash(dynamodb.Keys[mapping.partitionKey]) / shards) % mapping.parts === index;
  return {
    ...{ mapping, shardId },
    name: `${mapping.logicalId}/${shardId}-of-${shards}/${index}-of-${mapping.parts}`,
    takes: (record) => isOwn(record) && mapping.matches(record),
  };
}

/**
 * Keeps positions in a file where one is named, and lets go of records that all parts of a shard have passed. A part
 * that has no position yet begins where its mapping says, and with the slowest part where the mapping had others before.
 */
export function openPositions(
  parts: readonly ShardPart[],
  streams: Pick<TableStreamReader, 'latest' | 'forget'>,
  file: string | undefined,
): TableStreamPositions {
  const kept = readKept<Readonly<Record<string, string>>>(file, {});
  const startOf = ({ mapping }: ShardPart) =>
    slowestOf(mapping, kept) ?? (mapping.startsAt === 'LATEST' ? streams.latest(mapping.streamArn) : '');
  const positions = new Map(parts.map((part) => [part.name, kept[part.name] ?? startOf(part)]));
  const of = ({ name }: ShardPart) => positions.get(name) ?? '';
  const forgetPassed = ({ mapping: { streamArn }, shardId }: ShardPart) => {
    const together = parts.filter((part) => part.mapping.streamArn === streamArn && part.shardId === shardId);
    const [slowest = ''] = together.map(of).sort();
    streams.forget(streamArn, shardId, slowest);
  };
  const keepAll = () => keep(file, Object.fromEntries(positions));
  if (parts.length > 0) keepAll();
  for (const part of parts) forgetPassed(part);

  return {
    of,
    advance: (part, sequenceNumber) => {
      if (sequenceNumber === of(part)) return;
      positions.set(part.name, sequenceNumber);
      keepAll();
      forgetPassed(part);
    },
  };
}

function slowestOf(
  { logicalId }: TableStreamMapping,
  kept: Readonly<Record<string, string>>,
): string | undefined {
  const own = Object.entries(kept).filter(([name]) => name.startsWith(`${logicalId}/`));
  return own.map(([, position]) => position).sort()[0];
}
