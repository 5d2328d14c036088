import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Assembly, HostedResource } from '../../assembly/assembly.ts';
import { tableStreamArn } from '../../assembly/table-stream-arn.ts';
import type { Clock } from '../../host/clock.ts';
import { noFile, openTableStreamFile, type TableStreamFile } from './file.ts';
import { STREAM_VIEW_TYPES, type StreamViewType, type TableStreamReader } from './record.ts';
import { createTableStream, type TableStream } from './table-stream.ts';

interface TableStreamsOptions {
  readonly assembly: Assembly;
  readonly clock: Clock;
  /** Folder in which records outlive a run; without it memory of one run. */
  readonly dataDir?: string;
  /** Shards of every stream: on AWS one for each partition of the table. */
  readonly shards?: number;
}

export interface TableStreams extends TableStreamReader {
  ofTable(tableName: string): TableStream | undefined;
  ofArn(streamArn: string): TableStream | undefined;
  close(): void;
}

/** The streams of the template's tables. Throws with the name of what is not hosted. */
export function createTableStreams(options: TableStreamsOptions): TableStreams {
  const streams = options.assembly
    .byType('AWS::DynamoDB::Table')
    .filter(({ properties }) => properties.StreamSpecification !== undefined)
    .map((table) => openStream(table, options));
  const byArn = new Map(streams.map((stream) => [stream.arn, stream]));
  const byTable = new Map(streams.map((stream) => [stream.tableName, stream]));

  return {
    ofTable: (tableName) => byTable.get(tableName),
    ofArn: (streamArn) => byArn.get(streamArn),
    shardIds: (streamArn) => byArn.get(streamArn)?.shardIds ?? [],
    recordsAfter: (streamArn, shardId, sequenceNumber) =>
      byArn.get(streamArn)?.recordsAfter(shardId, sequenceNumber) ?? [],
    latest: (streamArn) => byArn.get(streamArn)?.latest() ?? '',
    forget: (streamArn, shardId, sequenceNumber) => byArn.get(streamArn)?.forget(shardId, sequenceNumber),
    close: () => {
      for (const stream of streams) stream.close();
    },
  };
}

function openStream(
  table: HostedResource,
  { assembly, clock, dataDir, shards = 1 }: TableStreamsOptions,
): TableStream {
  const { physicalId, arn = '' } = table;
  return createTableStream({
    ...{ arn: tableStreamArn(arn), tableName: physicalId, region: assembly.region, shards, clock },
    viewType: readViewType(table),
    partitionKey: partitionKeyOf(table),
    file: dataDir === undefined ? noFile : openFile(dataDir, physicalId),
  });
}

function openFile(dataDir: string, tableName: string): TableStreamFile {
  mkdirSync(join(dataDir, 'streams'), { recursive: true });
  return openTableStreamFile(join(dataDir, 'streams', `${tableName}.jsonl`));
}

function readViewType({ logicalId, properties }: HostedResource): StreamViewType {
  const { StreamViewType: wanted, ...others } = properties.StreamSpecification as Record<string, unknown>;
  const [stray] = Object.keys(others);
  if (stray !== undefined)
    throw new Error(`The local cloud does not host ${stray} of the stream of ${logicalId}`);
  const viewType = STREAM_VIEW_TYPES.find((known) => known === wanted);
  if (viewType === undefined)
    throw new Error(`The local cloud does not know the StreamViewType ${wanted} of ${logicalId}`);
  return viewType;
}

/** The name of the attribute that a table is partitioned by. */
export function partitionKeyOf({ properties }: HostedResource): string {
  const schema = (properties.KeySchema ?? []) as readonly { AttributeName: string; KeyType: string }[];
  return schema.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName ?? '';
}
