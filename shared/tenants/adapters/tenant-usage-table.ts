import { type DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { conditionHolds } from '../../base/adapters/dynamodb-errors.ts';
import { CATALOG_COLLECTIONS } from '../../resources.ts';
import type { TenantLimits, TenantUsage } from '../ports.ts';

/**
 * Limits of tenants, apart from all else that is known of a tenant, whose shapes take a cold start longer to
 * load.
 */
export function createTenantLimits(client: DynamoDBClient, TableName: string): TenantLimits {
  return {
    async dailyRecipients(name) {
      const get = new GetItemCommand({
        TableName,
        Key: marshall({ collection: CATALOG_COLLECTIONS.tenants, item: name }),
        ProjectionExpression: '#most',
        ExpressionAttributeNames: { '#most': 'dailyRecipients' },
        ConsistentRead: true,
      });
      const { Item } = await client.send(get);
      return Item?.dailyRecipients?.N === undefined ? undefined : Number(Item.dailyRecipients.N);
    },
  };
}

const keyOf = (tenant: string) => marshall({ collection: CATALOG_COLLECTIONS.tenantUsage, item: tenant });

const NAMES = { '#day': 'day', '#used': 'used' };

/** Usage in the catalog: one item for each tenant, with its latest day. */
export function createTenantUsage(client: DynamoDBClient, TableName: string): TenantUsage {
  const update = async (tenant: string, expressions: Expressions, values: Record<string, unknown>) => {
    const command = new UpdateItemCommand({
      TableName,
      Key: keyOf(tenant),
      ...expressions,
      ExpressionAttributeNames: NAMES,
      ExpressionAttributeValues: marshall(values),
    });
    return conditionHolds(client.send(command));
  };

  const add = (tenant: string, day: string, recipients: number, atMost: number) =>
    update(tenant, SAME_DAY, { ':day': day, ':n': recipients, ':room': atMost - recipients });

  return {
    async take(tenant, day, recipients, atMost) {
      if (recipients > atMost) return false;
      if (await add(tenant, day, recipients, atMost)) return true;
      if (await update(tenant, NEW_DAY, { ':day': day, ':n': recipients })) return true;
      // Either it is used up, or another request has just begun the day.
      return add(tenant, day, recipients, atMost);
    },

    async read(tenant, day) {
      const get = new GetItemCommand({ TableName, Key: keyOf(tenant), ConsistentRead: true });
      const { Item } = await client.send(get);
      const row = Item === undefined ? {} : unmarshall(Item);
      return row.day === day ? Number(row.used) : 0;
    },
  };
}

interface Expressions {
  readonly UpdateExpression: string;
  readonly ConditionExpression: string;
}

const SAME_DAY: Expressions = {
  UpdateExpression: 'SET #used = #used + :n',
  ConditionExpression: '#day = :day AND #used <= :room',
};
const NEW_DAY: Expressions = {
  UpdateExpression: 'SET #day = :day, #used = :n',
  ConditionExpression: 'attribute_not_exists(#day) OR #day < :day',
};
