import {
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { catalogRows } from '../../base/adapters/catalog-rows.ts';
import { conditional, conditionHolds } from '../../base/adapters/dynamodb-errors.ts';
import { CATALOG_COLLECTIONS } from '../../resources.ts';
import type { Webhooks } from '../ports.ts';
import type { Webhook } from '../webhook.ts';

const collection = CATALOG_COLLECTIONS.webhooks;

const webhookRow = z.object({
  item: z.string(),
  endpoint: z.string(),
  events: z.array(z.string()),
  status: z.enum(['enabled', 'disabled']),
  disabledReason: z.exactOptional(z.string()),
  secrets: z.array(z.object({ secret: z.string(), validUntilEpochMs: z.exactOptional(z.number()) })),
  createdAt: z.string(),
});

/** Webhooks in the catalog: an item for each, those of a tenant side by side. */
export function createWebhooksTable(client: DynamoDBClient, TableName: string): Webhooks {
  const get = async (tenant: string, webhookId: string): Promise<Webhook | undefined> => {
    const Key = keyOf(tenant, webhookId);
    const { Item } = await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
    return Item && toWebhook(unmarshall(Item));
  };

  return {
    get,

    /** Lists by id: ids are UUIDv7. */
    async list(tenant) {
      const order = { ConsistentRead: true, ScanIndexForward: false };
      return (await catalogRows(client, TableName, collection, { ...order, prefix: `${tenant}#` })).map(
        toWebhook,
      );
    },

    async put({ tenant, webhookId, ...rest }) {
      const values = marshall(rest, { removeUndefinedValues: true });
      await client.send(new PutItemCommand({ TableName, Item: { ...keyOf(tenant, webhookId), ...values } }));
    },

    async update(tenant, webhookId, changes, ifNewest) {
      const set = Object.entries(changes).filter(([, value]) => value !== undefined);
      if (set.length === 0) return get(tenant, webhookId);
      const update = new UpdateItemCommand({
        TableName,
        Key: keyOf(tenant, webhookId),
        ...toUpdate(set, ifNewest),
        ReturnValues: 'ALL_NEW',
      });
      const answer = await conditional(client.send(update));
      const row = answer.kind === 'done' ? answer.output.Attributes : undefined;
      return row && toWebhook(unmarshall(row));
    },

    async delete(tenant, webhookId) {
      const remove = new DeleteItemCommand({
        TableName,
        Key: keyOf(tenant, webhookId),
        ConditionExpression: 'attribute_exists(#collection)',
        ExpressionAttributeNames: { '#collection': 'collection' },
      });
      return conditionHolds(client.send(remove));
    },
  };
}

const keyOf = (tenant: string, webhookId: string) => marshall({ collection, item: `${tenant}#${webhookId}` });

function toUpdate(changes: readonly [string, unknown][], ifNewest: string | undefined) {
  const set = changes.filter(([, value]) => value !== null);
  const removed = changes.filter(([, value]) => value === null);
  const names = ['collection', ...changes.map(([name]) => name)];
  const isBound = ifNewest !== undefined;
  return {
    UpdateExpression: [
      ...(set.length === 0 ? [] : [`SET ${set.map(([name]) => `#${name} = :${name}`).join(', ')}`]),
      ...(removed.length === 0 ? [] : [`REMOVE ${removed.map(([name]) => `#${name}`).join(', ')}`]),
    ].join(' '),
    ConditionExpression: `attribute_exists(#collection)${isBound ? ' AND #secrets[0].#secret = :newest' : ''}`,
    ExpressionAttributeNames: {
      ...Object.fromEntries(names.map((name) => [`#${name}`, name])),
      ...(isBound && { '#secrets': 'secrets', '#secret': 'secret' }),
    },
    ...valuesOf({
      ...Object.fromEntries(set.map(([name, value]) => [`:${name}`, value])),
      ...(isBound && { ':newest': ifNewest }),
    }),
  };
}

/** Values of an expression: DynamoDB refuses an empty map of them. */
const valuesOf = (values: Record<string, unknown>) =>
  Object.keys(values).length === 0
    ? {}
    : { ExpressionAttributeValues: marshall(values, { removeUndefinedValues: true }) };

function toWebhook(row: Record<string, unknown>): Webhook {
  const { item, ...rest } = webhookRow.parse(row);
  const hash = item.lastIndexOf('#');
  return { tenant: item.slice(0, hash), webhookId: item.slice(hash + 1), ...rest };
}
