import { type DynamoDBClient, GetItemCommand, PutItemCommand, paginateQuery } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { conditional } from '../../base/adapters/dynamodb-errors.ts';
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

/** Sorts behind every hour. */
const CURSOR = 'cursor';
/** Whole days are asked for, in whatever time zone: a day begins up to 14 hours before UTC's. */
const MARGIN_DAYS = 2;

/** In the events table: one item for each tenant and hour, and one that says how far they are. */
export function createMetricCounters(client: DynamoDBClient, TableName: string): MetricCounters {
  const getItem = async (tenant: string, item: string, ConsistentRead: boolean) => {
    const get = new GetItemCommand({ TableName, Key: marshall(keyOf(tenant, item)), ConsistentRead });
    const { Item } = await client.send(get);
    return Item && unmarshall(Item);
  };

  return {
    async foldedUpTo(tenant) {
      const row = await getItem(tenant, CURSOR, false);
      return row === undefined ? 0 : cursorRow.parse(row).upTo;
    },

    async advance(tenant, foldedUpTo) {
      const put = new PutItemCommand({
        TableName,
        Item: marshall({ ...keyOf(tenant, CURSOR), upTo: foldedUpTo }),
        ConditionExpression: 'attribute_not_exists(#upTo) OR #upTo < :upTo',
        ExpressionAttributeNames: NAMES,
        ExpressionAttributeValues: marshall({ ':upTo': foldedUpTo }),
      });
      await conditional(client.send(put));
    },

    async get(tenant, hour) {
      const row = await getItem(tenant, hour, true);
      return row && readHour(row);
    },

    async replace(tenant, before, after) {
      const put = new PutItemCommand({
        TableName,
        Item: marshall(hourItem(tenant, after)),
        ExpressionAttributeNames: NAMES,
        ...(before === undefined
          ? { ConditionExpression: 'attribute_not_exists(#upTo)' }
          : {
              ConditionExpression: '#upTo = :upTo',
              ExpressionAttributeValues: marshall({ ':upTo': before.upTo }),
            }),
      });
      return (await conditional(client.send(put))).kind === 'done';
    },

    async range(tenant, fromHour, toHour) {
      const query = {
        TableName,
        KeyConditionExpression: '#bucket = :bucket AND #item BETWEEN :from AND :to',
        ExpressionAttributeNames: { '#bucket': 'bucket', '#item': 'item' },
        ExpressionAttributeValues: marshall({
          ':bucket': bucketOf(tenant),
          ':from': fromHour,
          ':to': toHour,
        }),
        ConsistentRead: true,
      };
      const hours: HourCounters[] = [];
      for await (const { Items = [] } of paginateQuery({ client }, query)) {
        hours.push(...Items.map((item) => readHour(unmarshall(item))));
      }
      return hours;
    },
  };
}

const NAMES = { '#upTo': 'upTo' };

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
