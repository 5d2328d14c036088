import {
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { catalogRows } from '../../base/adapters/catalog-rows.ts';
import { conditionHolds } from '../../base/adapters/dynamodb-errors.ts';
import { CATALOG_COLLECTIONS } from '../../resources.ts';
import { createPauses, type PausesOptions, pauseRow } from '../../streams/adapters/pauses-table.ts';
import type { Tenants } from '../ports.ts';
import type { Tenant } from '../tenant.ts';

const collection = CATALOG_COLLECTIONS.tenants;

const tenantRow = z.extend(pauseRow, {
  item: z.string(),
  createdAt: z.string(),
  dailyRecipients: z.exactOptional(z.number()),
});

/** Tenants in the catalog: one item for each, with its pause. */
export function createTenantsTable(options: Omit<PausesOptions, 'collection'>): Tenants {
  const { client, tableName: TableName } = options;
  const { update: _update, ...pauses } = createPauses({ ...options, collection });

  return {
    ...pauses,

    read: (name) => readTenant(client, TableName, name),

    list: async () => (await catalogRows(client, TableName, collection)).map(toTenant),

    async putIfAbsent({ name, ...tenant }) {
      const put = new PutItemCommand({
        TableName,
        Item: marshall({ collection, item: name, ...tenant }, { removeUndefinedValues: true }),
        ConditionExpression: 'attribute_not_exists(#collection)',
        ExpressionAttributeNames: { '#collection': 'collection' },
      });
      return conditionHolds(client.send(put));
    },

    async setDailyRecipients(name, recipients) {
      const values =
        recipients === null ? {} : { ExpressionAttributeValues: marshall({ ':most': recipients }) };
      const update = new UpdateItemCommand({
        TableName,
        Key: marshall({ collection, item: name }),
        UpdateExpression: recipients === null ? 'REMOVE #most' : 'SET #most = :most',
        ConditionExpression: 'attribute_exists(#collection)',
        ExpressionAttributeNames: { '#most': 'dailyRecipients', '#collection': 'collection' },
        ...values,
      });
      return conditionHolds(client.send(update));
    },
  };
}

async function readTenant(
  client: DynamoDBClient,
  TableName: string,
  name: string,
): Promise<Tenant | undefined> {
  const get = new GetItemCommand({
    TableName,
    Key: marshall({ collection, item: name }),
    ConsistentRead: true,
  });
  const { Item } = await client.send(get);
  return Item && toTenant(unmarshall(Item));
}

function toTenant(row: Record<string, unknown>): Tenant {
  const { item, ...tenant } = tenantRow.parse(row);
  return { name: item, ...tenant };
}
