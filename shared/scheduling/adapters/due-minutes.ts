import {
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  paginateQuery,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { CATALOG_COLLECTIONS } from '../../resources.ts';
import type { DueMinute, DueMinutes } from '../contract/due-rows.ts';
import { DUE_SHARD_COUNT } from '../due-row.ts';

export interface DueMinutesTable extends DueMinutes {
  /** Before the first row of a shard: what a process has marked or has seen marked, it does not mark again. */
  mark(minute: string, shards: ReadonlySet<number>): Promise<void>;
}

const collection = CATALOG_COLLECTIONS.dueMinutes;

/**
 * Few rows are few shards to ask. Above this many all of them are marked at once, so that a busy minute, whose marker all
 * processes write, is written by each of them a few times at the most.
 */
const MARKED_ONE_BY_ONE = 4;
const ALL_SHARDS: ReadonlySet<number> = new Set(Array.from({ length: DUE_SHARD_COUNT }, (_, shard) => shard));

/** A month of minutes is 43,200: memory is begun anew long before it is a burden. */
const MOST_REMEMBERED = 10_000;

const minuteRow = z.object({ item: z.string(), shards: z.set(z.number()) });

/** In the catalog: one item for each minute that has due rows, with its shards as a number set. */
export function createDueMinutes(client: DynamoDBClient, TableName: string): DueMinutesTable {
  const known = new Map<string, ReadonlySet<number>>();
  const keyOf = (minute: string) => marshall({ collection, item: minute });

  const remember = (minute: string, shards: ReadonlySet<number>) => {
    if (known.size >= MOST_REMEMBERED) known.clear();
    known.set(minute, shards);
  };

  /** A read costs a tenth of a write. A marker that is a moment old only costs a write too many. */
  const read = async (minute: string): Promise<ReadonlySet<number>> => {
    const { Item } = await client.send(new GetItemCommand({ TableName, Key: keyOf(minute) }));
    return Item === undefined ? new Set() : minuteRow.parse(unmarshall(Item)).shards;
  };

  const add = (minute: string, shards: ReadonlySet<number>) =>
    client.send(
      new UpdateItemCommand({
        TableName,
        Key: keyOf(minute),
        UpdateExpression: 'ADD #shards :shards',
        ExpressionAttributeNames: { '#shards': 'shards' },
        ExpressionAttributeValues: marshall({ ':shards': shards }),
      }),
    );

  return {
    async mark(minute, shards) {
      if (holdsAll(known.get(minute), shards)) return;
      const marked = await read(minute);
      const wanted = union(marked, shards);
      const isMarked = wanted.size === marked.size;
      const now = wanted.size > MARKED_ONE_BY_ONE ? ALL_SHARDS : wanted;
      if (!isMarked) await add(minute, now);
      remember(minute, isMarked ? marked : now);
    },

    async list(fromMinute, toMinute) {
      // DynamoDB refuses a range that ends before it begins.
      if (fromMinute > toMinute) return [];
      const pages = paginateQuery(
        { client },
        {
          TableName,
          KeyConditionExpression: '#collection = :collection AND #item BETWEEN :from AND :to',
          ExpressionAttributeNames: { '#collection': 'collection', '#item': 'item' },
          ExpressionAttributeValues: marshall({
            ':collection': collection,
            ':from': fromMinute,
            ':to': toMinute,
          }),
          ConsistentRead: true,
        },
      );
      const minutes: DueMinute[] = [];
      for await (const page of pages) {
        for (const item of page.Items ?? []) minutes.push(toMinuteOf(unmarshall(item)));
      }
      return minutes;
    },

    async forget(minute) {
      await client.send(new DeleteItemCommand({ TableName, Key: keyOf(minute) }));
    },
  };
}

const union = (one: ReadonlySet<number>, other: ReadonlySet<number>) => new Set([...one, ...other]);

const holdsAll = (known: ReadonlySet<number> | undefined, shards: ReadonlySet<number>): boolean =>
  known !== undefined && [...shards].every((shard) => known.has(shard));

function toMinuteOf(row: Record<string, unknown>): DueMinute {
  const { item, shards } = minuteRow.parse(row);
  return { minute: item, shards: [...shards].sort((one, other) => one - other) };
}
