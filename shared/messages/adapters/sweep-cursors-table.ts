import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { conditional } from '../../base/adapters/dynamodb-errors.ts';
import { CATALOG_COLLECTIONS } from '../../resources.ts';
import type { SweepCursors } from '../ports.ts';

const cursorRow = z.object({ doneUntilEpochMs: z.number() });

/** Cursors in the catalog: one item per tenant and check. */
export function createSweepCursors(client: DynamoDBClient, TableName: string): SweepCursors {
  const keyOf = (tenant: string, check: string) => ({
    collection: CATALOG_COLLECTIONS.sweepCursors,
    item: `${tenant}#${check}`,
  });

  return {
    async get(tenant, check) {
      const Key = marshall(keyOf(tenant, check));
      const { Item } = await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
      return Item && cursorRow.parse(unmarshall(Item)).doneUntilEpochMs;
    },

    async advance(tenant, check, doneUntilEpochMs) {
      const put = new PutItemCommand({
        TableName,
        Item: marshall({ ...keyOf(tenant, check), doneUntilEpochMs }),
        ConditionExpression: 'attribute_not_exists(#done) OR #done < :done',
        ExpressionAttributeNames: { '#done': 'doneUntilEpochMs' },
        ExpressionAttributeValues: marshall({ ':done': doneUntilEpochMs }),
      });
      await conditional(client.send(put));
    },
  };
}
