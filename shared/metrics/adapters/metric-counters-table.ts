import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import type { Table } from '../../base/adapters/dynamodb-client.ts';
import { conditional, conditionHolds } from '../../base/adapters/dynamodb-errors.ts';
import { queryRows } from '../../base/adapters/query-rows.ts';
import { COUNTERS_KEPT_DAYS, expiryAfterDays } from '../../messages/retention.ts';
import { type HourCounters, startOfHour } from '../hour-counters.ts';
import type { MetricCounters } from '../ports.ts';

const count = z.number();
const quarters = z.readonly(z.tuple([count, count, count, count]));
const hourRow = z.object({
  item: z.string(),
  upTo: z.number(),
  domains: z.record(z.string(), z.record(z.string(), quarters)),
});
const cursorRow = z.object({ upTo: z.number() });

/** Key that sorts behind every hour. */
const CURSOR = 'cursor';
/** Whole days are asked for, in any time zone: a day begins up to 14 hours before UTC's. */
const MARGIN_DAYS = 2;

const NAMES = { '#upTo': 'upTo' };

/** Counters in the events table: one item for each tenant and hour, and one that says how far they are. */
export function createMetricCounters(client: DynamoDBClient, TableName: string): MetricCounters {
  const table = { client, TableName };
  return {
    foldedUpTo: (tenant) => readCursor(table, tenant),

    async advance(tenant, foldedUpTo) {
      await conditional(putCursor(table, tenant, foldedUpTo));
    },

    async get(tenant, hour) {
      const row = await readItem(table, tenant, hour, true);
      return row && readHour(row);
    },

    replace: async (tenant, before, after) => conditionHolds(putHour(table, tenant, before, after)),

    range: (tenant, fromHour, toHour) => readHours(table, tenant, fromHour, toHour),
  };
}

async function readCursor(table: Table, tenant: string): Promise<number> {
  const row = await readItem(table, tenant, CURSOR, false);
  return row === undefined ? 0 : cursorRow.parse(row).upTo;
}

async function readItem({ client, TableName }: Table, tenant: string, item: string, ConsistentRead: boolean) {
  const get = new GetItemCommand({ TableName, Key: marshall(keyOf(tenant, item)), ConsistentRead });
  const { Item } = await client.send(get);
  return Item && unmarshall(Item);
}

const putCursor = ({ client, TableName }: Table, tenant: string, upTo: number) =>
  client.send(
    new PutItemCommand({
      TableName,
      Item: marshall({ ...keyOf(tenant, CURSOR), upTo }),
      ConditionExpression: 'attribute_not_exists(#upTo) OR #upTo < :upTo',
      ExpressionAttributeNames: NAMES,
      ExpressionAttributeValues: marshall({ ':upTo': upTo }),
    }),
  );

const putHour = (
  { client, TableName }: Table,
  tenant: string,
  before: HourCounters | undefined,
  after: HourCounters,
) =>
  client.send(new PutItemCommand({ TableName, Item: marshall(hourItem(tenant, after)), ...ifStill(before) }));

const ifStill = (before: HourCounters | undefined) =>
  before === undefined
    ? { ConditionExpression: 'attribute_not_exists(#upTo)', ExpressionAttributeNames: NAMES }
    : {
        ConditionExpression: '#upTo = :upTo',
        ExpressionAttributeNames: NAMES,
        ExpressionAttributeValues: marshall({ ':upTo': before.upTo }),
      };

async function readHours(
  { client, TableName }: Table,
  tenant: string,
  fromHour: string,
  toHour: string,
): Promise<readonly HourCounters[]> {
  const rows = await queryRows(client, {
    TableName,
    KeyConditionExpression: '#bucket = :bucket AND #item BETWEEN :from AND :to',
    ExpressionAttributeNames: { '#bucket': 'bucket', '#item': 'item' },
    ExpressionAttributeValues: marshall({ ':bucket': bucketOf(tenant), ':from': fromHour, ':to': toHour }),
    ConsistentRead: true,
  });
  return rows.map(readHour);
}

const bucketOf = (tenant: string): string => `metrics#${tenant}`;
const keyOf = (tenant: string, item: string) => ({ bucket: bucketOf(tenant), item });

const hourItem = (tenant: string, { hour, upTo, domains }: HourCounters) => ({
  ...keyOf(tenant, hour),
  upTo,
  domains: Object.fromEntries(domains),
  expiresAtEpochSeconds: expiryAfterDays(startOfHour(hour), COUNTERS_KEPT_DAYS + MARGIN_DAYS),
});

function readHour(row: unknown): HourCounters {
  const { item, upTo, domains } = hourRow.parse(row);
  return { hour: item, upTo, domains: new Map(Object.entries(domains)) };
}
