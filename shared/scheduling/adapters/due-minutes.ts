import {
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import type { Table } from '../../base/adapters/dynamodb-client.ts';
import { queryRows } from '../../base/adapters/query-rows.ts';
import { CATALOG_COLLECTIONS } from '../../resources.ts';
import type { DueMinute, DueMinutes } from '../contract/due-rows.ts';
import { DUE_SHARD_COUNT } from '../due-row.ts';

export interface DueMinutesTable extends DueMinutes {
  /**
   * Marks a minute before the first row of a shard: what a process has marked or has seen marked, it does not
   * mark again.
   */
  mark(minute: string, shards: ReadonlySet<number>): Promise<void>;
}

const collection = CATALOG_COLLECTIONS.dueMinutes;

/**
 * Number of shards up to which each is marked by itself: few rows are few shards to ask. Above it all of them
 * are marked at once, so that a busy minute, whose marker all processes write, is written by each of them a
 * few times at the most.
 */
const MARKED_ONE_BY_ONE = 4;
const ALL_SHARDS: ReadonlySet<number> = new Set(Array.from({ length: DUE_SHARD_COUNT }, (_, shard) => shard));

/** Limit of memory: a month of minutes is 43,200, and it is begun anew long before it is a burden. */
const MOST_REMEMBERED = 10_000;

const minuteRow = z.object({ item: z.string(), shards: z.set(z.number()) });

/** Minutes in the catalog: one item for each minute that has due rows, with its shards as a number set. */
export function createDueMinutes(client: DynamoDBClient, TableName: string): DueMinutesTable {
  const table = { client, TableName };
  const known = new Map<string, ReadonlySet<number>>();

  return {
    async mark(minute, shards) {
      if (holdsAll(known.get(minute), shards)) return;
      const marked = await markShards(table, minute, shards);
      if (known.size >= MOST_REMEMBERED) known.clear();
      known.set(minute, marked);
    },

    list: (fromMinute, toMinute) => listMinutes(table, fromMinute, toMinute),

    async forget(minute) {
      await client.send(new DeleteItemCommand({ TableName, Key: keyOf(minute) }));
    },
  };
}

const keyOf = (minute: string) => marshall({ collection, item: minute });

const holdsAll = (known: ReadonlySet<number> | undefined, shards: ReadonlySet<number>): boolean =>
  known !== undefined && [...shards].every((shard) => known.has(shard));

/** The shards that are marked now. */
async function markShards(
  table: Table,
  minute: string,
  shards: ReadonlySet<number>,
): Promise<ReadonlySet<number>> {
  const marked = await readShards(table, minute);
  const wanted = new Set([...marked, ...shards]);
  if (wanted.size === marked.size) return marked;
  const now = wanted.size > MARKED_ONE_BY_ONE ? ALL_SHARDS : wanted;
  await addShards(table, minute, now);
  return now;
}

/**
 * Reads a marker. A read costs a tenth of a write, and one that is a moment old only costs a write too many.
 */
async function readShards({ client, TableName }: Table, minute: string): Promise<ReadonlySet<number>> {
  const { Item } = await client.send(new GetItemCommand({ TableName, Key: keyOf(minute) }));
  return Item === undefined ? new Set() : minuteRow.parse(unmarshall(Item)).shards;
}

async function addShards(
  { client, TableName }: Table,
  minute: string,
  shards: ReadonlySet<number>,
): Promise<void> {
  const update = new UpdateItemCommand({
    TableName,
    Key: keyOf(minute),
    UpdateExpression: 'ADD #shards :shards',
    ExpressionAttributeNames: { '#shards': 'shards' },
    ExpressionAttributeValues: marshall({ ':shards': shards }),
  });
  await client.send(update);
}

async function listMinutes(
  { client, TableName }: Table,
  fromMinute: string,
  toMinute: string,
): Promise<readonly DueMinute[]> {
  // DynamoDB refuses a range that ends before it begins.
  if (fromMinute > toMinute) return [];
  const rows = await queryRows(client, {
    TableName,
    KeyConditionExpression: '#collection = :collection AND #item BETWEEN :from AND :to',
    ExpressionAttributeNames: { '#collection': 'collection', '#item': 'item' },
    ExpressionAttributeValues: marshall({ ':collection': collection, ':from': fromMinute, ':to': toMinute }),
    ConsistentRead: true,
  });
  return rows.map(toMinuteOf);
}

function toMinuteOf(row: Record<string, unknown>): DueMinute {
  const { item, shards } = minuteRow.parse(row);
  return { minute: item, shards: [...shards].sort((one, other) => one - other) };
}
