import { DeleteItemCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { conditional, conditionHolds, IF_ABSENT } from '../../base/adapters/dynamodb-errors.ts';
import { BOOTSTRAP_TOKEN_KEY, CATALOG_COLLECTIONS } from '../../resources.ts';
import type { BootstrapKeys, BootstrapTokens } from '../ports.ts';
import type { CatalogOptions } from './signing-keys-table.ts';

/** Stays for good, so that a later deployment does not bring a deleted bootstrap key back. */
const MARK_KEY = { collection: CATALOG_COLLECTIONS.deployment, item: 'bootstrap-key' } as const;

const markRow = z.object({ apiKeyId: z.string(), isDone: z.boolean() });

export function createBootstrapKeys({ client, tableName: TableName }: CatalogOptions): BootstrapKeys {
  const put = (item: object) => client.send(new PutItemCommand({ TableName, Item: marshall(item) }));

  return {
    async begin(apiKeyId) {
      const mark = { apiKeyId, isDone: false };
      const begin = new PutItemCommand({
        TableName,
        Item: marshall({ ...MARK_KEY, ...mark }),
        ...IF_ABSENT,
      });
      if (await conditionHolds(client.send(begin))) return mark;
      const read = new GetItemCommand({ TableName, Key: marshall(MARK_KEY), ConsistentRead: true });
      return markRow.parse(unmarshall((await client.send(read)).Item ?? {}));
    },

    async putToken(apiKeyId, token) {
      await put({ ...BOOTSTRAP_TOKEN_KEY, apiKeyId, token });
    },

    async finish(apiKeyId) {
      await put({ ...MARK_KEY, apiKeyId, isDone: true });
    },
  };
}

export function createBootstrapTokens({ client, tableName: TableName }: CatalogOptions): BootstrapTokens {
  return {
    async forget(apiKeyId) {
      const remove = new DeleteItemCommand({
        TableName,
        Key: marshall(BOOTSTRAP_TOKEN_KEY),
        ConditionExpression: '#apiKeyId = :apiKeyId',
        ExpressionAttributeNames: { '#apiKeyId': 'apiKeyId' },
        ExpressionAttributeValues: marshall({ ':apiKeyId': apiKeyId }),
      });
      await conditional(client.send(remove));
    },
  };
}
