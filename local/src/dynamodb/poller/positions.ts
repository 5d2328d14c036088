import { keep, readKept } from '../../host/kept-file.ts';
import { partitionHash } from '../table-streams/partition-hash.ts';
import type { StreamReader, StreamRecord } from '../table-streams/record.ts';
import type { StreamMapping } from './mapping.ts';

/** One reader of a shard: with a ParallelizationFactor there are several, each with partition keys of its own. */
export interface Lane {
  readonly name: string;
  readonly mapping: StreamMapping;
  readonly shardId: string;
  /** Whether a record is of this lane's keys and passes the filters. */
  takes(record: StreamRecord): boolean;
}

/** How far every lane has come. */
export interface StreamPositions {
  /** The sequence number that a lane goes on after; `''` before the first. */
  of(lane: Lane): string;
  advance(lane: Lane, sequenceNumber: string): void;
}

export function createLanes(
  mappings: readonly StreamMapping[],
  streams: Pick<StreamReader, 'shardIds'>,
): readonly Lane[] {
  return mappings.flatMap((mapping) => {
    const shardIds = streams.shardIds(mapping.streamArn);
    return shardIds.flatMap((shardId) =>
      Array.from({ length: mapping.lanes }, (_, index) =>
        createLane(mapping, shardId, index, shardIds.length),
      ),
    );
  });
}

function createLane(mapping: StreamMapping, shardId: string, index: number, shards: number): Lane {
  const isOwn = ({ dynamodb }: StreamRecord) =>
    mapping.lanes === 1 ||
    Math.floor(partitionHash(dynamodb.Keys[mapping.partitionKey]) / shards) % mapping.lanes === index;
  return {
    ...{ mapping, shardId },
    name: `${mapping.logicalId}/${shardId}-of-${shards}/${index}-of-${mapping.lanes}`,
    takes: (record) => isOwn(record) && mapping.matches(record),
  };
}

/**
 * Keeps positions in a file where one is named, and lets go of records that all lanes of a shard have passed. A lane
 * that has no position yet begins where its mapping says, and with the slowest lane where the mapping had others before.
 */
export function openPositions(
  lanes: readonly Lane[],
  streams: Pick<StreamReader, 'latest' | 'forget'>,
  file: string | undefined,
): StreamPositions {
  const kept = readKept<Readonly<Record<string, string>>>(file, {});
  const startOf = ({ mapping }: Lane) =>
    slowestOf(mapping, kept) ?? (mapping.startsAt === 'LATEST' ? streams.latest(mapping.streamArn) : '');
  const positions = new Map(lanes.map((lane) => [lane.name, kept[lane.name] ?? startOf(lane)]));
  const of = ({ name }: Lane) => positions.get(name) ?? '';
  const forgetPassed = ({ mapping: { streamArn }, shardId }: Lane) => {
    const together = lanes.filter((lane) => lane.mapping.streamArn === streamArn && lane.shardId === shardId);
    const [slowest = ''] = together.map(of).sort();
    streams.forget(streamArn, shardId, slowest);
  };
  const keepAll = () => keep(file, Object.fromEntries(positions));
  if (lanes.length > 0) keepAll();
  for (const lane of lanes) forgetPassed(lane);

  return {
    of,
    advance: (lane, sequenceNumber) => {
      if (sequenceNumber === of(lane)) return;
      positions.set(lane.name, sequenceNumber);
      keepAll();
      forgetPassed(lane);
    },
  };
}

function slowestOf({ logicalId }: StreamMapping, kept: Readonly<Record<string, string>>): string | undefined {
  const own = Object.entries(kept).filter(([name]) => name.startsWith(`${logicalId}/`));
  return own.map(([, position]) => position).sort()[0];
}
