import { type DynamoDBClient, GetItemCommand, PutItemCommand, paginateQuery } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { type HourCounters, startOfHour } from '../domain/hour-counters.ts';
import type { LanePlace, MetricCounters } from '../domain/metric-ports.ts';
import { COUNTERS_KEPT_DAYS, expiryAfterDays } from '../domain/retention.ts';
import { conditional } from './dynamodb-errors.ts';

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

/** In the events table, for each lane of a tenant's log one item an hour, and one that says how far they are. */
export function createMetricCounters(client: DynamoDBClient, TableName: string): MetricCounters {
  const getItem = async (place: LanePlace, item: string, ConsistentRead: boolean) => {
    const get = new GetItemCommand({ TableName, Key: marshall(keyOf(place, item)), ConsistentRead });
    const { Item } = await client.send(get);
    return Item && unmarshall(Item);
  };

  return {
    async foldedUpTo(place) {
      const row = await getItem(place, CURSOR, false);
      return row === undefined ? -1 : cursorRow.parse(row).upTo;
    },

    async advance(place, foldedUpTo) {
      const put = new PutItemCommand({
        TableName,
        Item: marshall({ ...keyOf(place, CURSOR), upTo: foldedUpTo }),
        ConditionExpression: 'attribute_not_exists(#upTo) OR #upTo < :upTo',
        ExpressionAttributeNames: NAMES,
        ExpressionAttributeValues: marshall({ ':upTo': foldedUpTo }),
      });
      await conditional(client.send(put));
    },

    async get(place, hour) {
      const row = await getItem(place, hour, true);
      return row && readHour(row);
    },

    async replace(place, before, after) {
      const put = new PutItemCommand({
        TableName,
        Item: marshall(hourItem(place, after)),
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

    async range(place, fromHour, toHour) {
      const query = {
        TableName,
        KeyConditionExpression: '#bucket = :bucket AND #item BETWEEN :from AND :to',
        ExpressionAttributeNames: { '#bucket': 'bucket', '#item': 'item' },
        ExpressionAttributeValues: marshall({ ':bucket': bucketOf(place), ':from': fromHour, ':to': toHour }),
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

const bucketOf = ({ tenant, lane }: LanePlace): string => `metrics#${tenant}#${lane}`;
const keyOf = (place: LanePlace, item: string) => ({ bucket: bucketOf(place), item });

const hourItem = (place: LanePlace, { hour, upTo, domains }: HourCounters) => ({
  ...keyOf(place, hour),
  upTo,
  domains: Object.fromEntries(domains),
  expiresAtEpochSeconds: expiryAfterDays(startOfHour(hour), COUNTERS_KEPT_DAYS + MARGIN_DAYS),
});

function readHour(row: unknown): HourCounters {
  const { item, upTo, domains } = hourRow.parse(row);
  return { hour: item, upTo, domains: new Map(Object.entries(domains)) };
}
