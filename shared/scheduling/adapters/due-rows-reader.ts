import { GetItemCommand, paginateQuery, QueryCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { defined } from '../../base/defined.ts';
import { keyOf } from '../../messages/adapters/messages-table-codec.ts';
import { fetchJob, sendJob } from '../../messages/contract/queue-body.ts';
import { webhookJob } from '../../webhooks/contract/webhook-job.ts';
import type { DueEntry, DueRows } from '../contract/due-rows.ts';
import { dueBucketOf, dueItemOf } from '../due-row.ts';
import { type DueRowsOptions, dueKeyOf } from './due-rows-table.ts';

const dueRow = z.object({
  dueEpochMs: z.number(),
  work: z.discriminatedUnion('queue', [
    z.object({ queue: z.literal('send'), job: sendJob }),
    z.object({ queue: z.literal('fetch'), job: fetchJob }),
    z.object({ queue: z.literal('webhook'), job: webhookJob }),
  ]),
});

/** Key below every item of a bucket. */
const FIRST = '0';

/**
 * Reads due rows, apart from their writing, because the shapes of all jobs take a cold start longer to load.
 */
export function createDueRowReader({
  client,
  tableName: TableName,
}: DueRowsOptions): Omit<DueRows, 'put' | 'remove'> {
  return {
    async has(dueEpochMs, messageId) {
      const get = new GetItemCommand({
        TableName,
        Key: marshall(dueKeyOf(dueEpochMs, messageId)),
        ProjectionExpression: '#item',
        ExpressionAttributeNames: { '#item': 'item' },
      });
      return (await client.send(get)).Item !== undefined;
    },

    async page(minute, shard, after = FIRST) {
      const query = new QueryCommand({ TableName, ...itemsAfter(dueBucketOf(minute, shard), after) });
      const { Items = [], LastEvaluatedKey } = await client.send(query);
      const read = Items.map((item) => dueRow.safeParse(unmarshall(item)));
      const rows = read.flatMap(({ data }) => data ?? []);
      const lastItem = LastEvaluatedKey && keyOf(unmarshall(LastEvaluatedKey)).item;
      const unreadable = read.length - rows.length;
      return { rows, unreadable, ...defined({ lastItem }) };
    },

    async *list(minute, shard, fromEpochMs) {
      const range = itemsAfter(dueBucketOf(minute, shard), dueItemOf(fromEpochMs, ''));
      for await (const { Items = [] } of paginateQuery({ client }, { TableName, ...range })) {
        for (const item of Items) yield* entryOf(unmarshall(item));
      }
    },
  };
}

const itemsAfter = (bucket: string, item: string) => ({
  KeyConditionExpression: '#bucket = :bucket AND #item > :item',
  ExpressionAttributeNames: { '#bucket': 'bucket', '#item': 'item' },
  ExpressionAttributeValues: marshall({ ':bucket': bucket, ':item': item }),
});

function entryOf(row: Record<string, unknown>): readonly DueEntry[] {
  const { data } = dueRow.safeParse(row);
  if (data === undefined || data.work.queue === 'webhook') return [];
  const { tenant, messageId } = data.work.queue === 'send' ? data.work.job : data.work.job.job;
  return [{ dueEpochMs: data.dueEpochMs, tenant, messageId }];
}
