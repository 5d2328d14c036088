import { randomBytes } from 'node:crypto';
import type { Clock } from '../../host/clock.ts';
import type { TableStreamFile } from './file.ts';
import { partitionHash } from './partition-hash.ts';
import {
  ageMs,
  type ItemChange,
  STREAM_RETENTION_MS,
  type StreamViewType,
  type TableStreamRecord,
  toTableStreamRecord,
} from './record.ts';

/** The stream of one table. */
export interface TableStream {
  readonly arn: string;
  readonly tableName: string;
  readonly viewType: StreamViewType;
  readonly shardIds: readonly string[];
  append(change: ItemChange): void;
  /** Records of a shard after a sequence number, at most `limit`; undefined for a shard that is not there. */
  recordsAfter(
    shardId: string,
    sequenceNumber: string,
    limit?: number,
  ): readonly TableStreamRecord[] | undefined;
  latest(): string;
  forget(shardId: string, sequenceNumber: string): void;
  close(): void;
}

interface TableStreamOptions extends Pick<TableStream, 'arn' | 'tableName' | 'viewType'> {
  readonly region: string;
  readonly partitionKey: string;
  readonly shards: number;
  readonly clock: Clock;
  readonly file: TableStreamFile;
}

/**
 * Keeps records until `forget`, or for a day where it is never said, in the order of the writes, each partition key
 * in one shard.
 */
export function createTableStream(options: TableStreamOptions): TableStream {
  const { arn, tableName, viewType, region, clock, file } = options;
  const shardIds = Array.from(
    { length: options.shards },
    (_, index) => `shardId-${String(index).padStart(20, '0')}`,
  );
  const shards = new Map<string, TableStreamRecord[]>(shardIds.map((shardId) => [shardId, []]));
  let hasReaders = false;
  const add = (record: TableStreamRecord) => {
    const index = partitionHash(record.dynamodb.Keys[options.partitionKey]) % options.shards;
    const records = shards.get(shardIds[index] ?? '') ?? [];
    const isExpired = (kept: TableStreamRecord) => ageMs(kept, clock.now()) >= STREAM_RETENTION_MS;
    while (!hasReaders && records[0] && isExpired(records[0])) records.shift();
    records.push(record);
  };
  for (const record of file.records) add(record);
  let last = file.records.at(-1);
  let number = last ? BigInt(last.dynamodb.SequenceNumber) : firstNumber(clock);

  return {
    ...{ arn, tableName, viewType, shardIds },
    append: (change) => {
      const place = { region, viewType, nowMs: clock.now(), eventId: randomBytes(16).toString('hex') };
      const record = toTableStreamRecord(change, { ...place, sequenceNumber: String(number + 1n) });
      if (record === undefined) return;
      number += 1n;
      last = record;
      file.append(record);
      add(record);
    },
    recordsAfter: (shardId, sequenceNumber, limit = Number.POSITIVE_INFINITY) => {
      const records = shards.get(shardId);
      const from = records && firstAfter(records, sequenceNumber);
      return from === undefined ? undefined : records?.slice(from, from + limit);
    },
    latest: () => last?.dynamodb.SequenceNumber ?? '',
    forget: (shardId, sequenceNumber) => {
      hasReaders = true;
      const records = shards.get(shardId) ?? [];
      records.splice(0, firstAfter(records, sequenceNumber));
      if (last && [...shards.values()].every(({ length }) => length === 0)) file.drained(last);
    },
    close: file.close,
  };
}

/** Index in the list at which the records after a sequence number begin: its length where there are none. */
function firstAfter(records: readonly TableStreamRecord[], sequenceNumber: string): number {
  const index = records.findIndex(({ dynamodb }) => dynamodb.SequenceNumber > sequenceNumber);
  return index < 0 ? records.length : index;
}

/**
 * First sequence number: 24 digits, so that numbers sort as text; of the time, so that a run without a file
 * repeats none of an earlier one.
 */
const firstNumber = (clock: Clock): bigint => 10n ** 23n + BigInt(Math.round(clock.now())) * 1_000_000n;
