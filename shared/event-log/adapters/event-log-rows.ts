import { type DynamoDBClient, GetItemCommand, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { conditional, IF_ABSENT } from '../../base/adapters/dynamodb-errors.ts';
import { defined } from '../../base/defined.ts';
import { fingerprintsOf } from '../contract/event-block-codec.ts';
import { type BlockTrace, LOG_KEEP_MS, PARTITION_COUNT, partitionOf } from '../event-block.ts';

/** One item of the events table. */
export interface BlockRow {
  readonly number: number;
  readonly atEpochMs: number;
  readonly newestRecordAtEpochMs: number;
  readonly count: number;
  readonly body: Uint8Array;
  /** Id chosen anew for each write: with it a write whose answer was lost is known again. */
  readonly putId: string;
}

interface BlockRange {
  readonly from: number;
  readonly to: number;
  /** Limit of each partition; as many as DynamoDB answers at once (1 MB) where absent. */
  readonly limit?: number;
  readonly newestFirst?: boolean;
}

export interface BlockRows {
  get(tenant: string, block: number): Promise<BlockRow | undefined>;
  /** Reads blocks in order, by one answer of each partition: what is missing in the middle may be there. */
  between(
    tenant: string,
    range: BlockRange,
  ): Promise<{ readonly found: readonly BlockRow[]; readonly isCut: boolean }>;
  last(tenant: string): Promise<BlockRow | undefined>;
  /** Reads the first of those that are still there; it may have expired. */
  first(tenant: string): Promise<BlockRow | undefined>;
  /** Puts a block; answers the one that has the number, undefined where it is this one. */
  putIfAbsent(tenant: string, row: BlockRow): Promise<BlockRow | undefined>;
}

export interface EventsTableOptions {
  readonly client: Pick<DynamoDBClient, 'send'>;
  readonly tableName: string;
}

const NUMBER_DIGITS = 16;
const PARTITIONS = Array.from({ length: PARTITION_COUNT }, (_, partition) => partition);

const blockRow = z.object({
  item: z.string(),
  atEpochMs: z.number(),
  newestRecordAtEpochMs: z.number(),
  count: z.number(),
  body: z.instanceof(Uint8Array),
  putId: z.string(),
});

/** Blocks as items; every read is consistent, because a number that is not there yet is the next one to be given. */
export function createBlockRows({ client, tableName: TableName }: EventsTableOptions): BlockRows {
  const between: BlockRows['between'] = async (tenant, range) => {
    const partitions = await Promise.all(
      PARTITIONS.map((partition) =>
        client.send(new QueryCommand({ TableName, ...queryOf(tenant, partition, range) })),
      ),
    );
    const found = partitions.flatMap(({ Items = [] }) => Items.map((item) => toRow(unmarshall(item))));
    return {
      found: found.sort((one, other) => one.number - other.number),
      isCut: partitions.some(({ LastEvaluatedKey }) => LastEvaluatedKey !== undefined),
    };
  };

  const get: BlockRows['get'] = async (tenant, block) => {
    const Key = marshall(keyOf(tenant, block));
    const { Item } = await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
    return Item && toRow(unmarshall(Item));
  };

  return {
    get,
    between,
    last: async (tenant) => (await between(tenant, { ...ALL, limit: 1, newestFirst: true })).found.at(-1),
    first: async (tenant) => (await between(tenant, { ...ALL, limit: 1 })).found[0],

    async putIfAbsent(tenant, row) {
      const put = new PutItemCommand({
        TableName,
        Item: marshall(fromRow(tenant, row)),
        ...IF_ABSENT,
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      const answer = await conditional(client.send(put));
      if (answer.kind === 'done') return undefined;
      const winner = answer.item === undefined ? await get(tenant, row.number) : toRow(answer.item);
      return winner?.putId === row.putId ? undefined : winner;
    },
  };
}

/**
 * Trace of a block, with fingerprints of its own: a view would keep the whole body, or the pool that it
 * came in, for as long as it is remembered.
 */
export const traceOf = ({ number, atEpochMs, newestRecordAtEpochMs, body }: BlockRow): BlockTrace => ({
  number,
  atEpochMs,
  newestRecordAtEpochMs,
  fingerprints: new Uint8Array(fingerprintsOf(body)),
});

/** Tells whether a row is kept: expired ones stay for as long as DynamoDB takes to remove them. */
export const isKept = ({ atEpochMs }: BlockRow, nowEpochMs: number): boolean =>
  expiryOf(atEpochMs) * 1000 > nowEpochMs;

const expiryOf = (atEpochMs: number): number => Math.floor((atEpochMs + LOG_KEEP_MS) / 1000);

const ALL = { from: 0, to: Number.MAX_SAFE_INTEGER } as const;

const bucketOf = (tenant: string, partition: number): string => `log#${tenant}#${partition}`;

const itemOf = (block: number): string => String(block).padStart(NUMBER_DIGITS, '0');

const keyOf = (tenant: string, block: number) => ({
  bucket: bucketOf(tenant, partitionOf(block)),
  item: itemOf(block),
});

function queryOf(tenant: string, partition: number, { from, to, limit, newestFirst = false }: BlockRange) {
  return {
    KeyConditionExpression: '#bucket = :bucket AND #item BETWEEN :from AND :to',
    ExpressionAttributeNames: { '#bucket': 'bucket', '#item': 'item' },
    ExpressionAttributeValues: marshall({
      ':bucket': bucketOf(tenant, partition),
      ':from': itemOf(Math.max(0, from)),
      ':to': itemOf(to),
    }),
    ConsistentRead: true,
    ScanIndexForward: !newestFirst,
    ...defined({ Limit: limit }),
  };
}

function fromRow(tenant: string, { number, ...row }: BlockRow) {
  return { ...keyOf(tenant, number), ...row, expiresAtEpochSeconds: expiryOf(row.atEpochMs) };
}

function toRow(item: Record<string, unknown>): BlockRow {
  const { item: number, ...row } = blockRow.parse(item);
  return { number: Number(number), ...row };
}
