import type { DynamoDBClient, QueryCommandInput } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { queryRows } from './query-rows.ts';

type Order = Pick<QueryCommandInput, 'ConsistentRead' | 'ScanIndexForward'>;

/** Every item of a collection of the catalog, or those that begin with a text. */
export function catalogRows(
  client: DynamoDBClient,
  TableName: string,
  collection: string,
  { prefix, ...order }: Order & { readonly prefix?: string } = {},
): Promise<readonly Record<string, unknown>[]> {
  return queryRows(client, { TableName, ...collectionQuery(collection, prefix), ...order });
}

/** Key condition of a collection of the catalog, or of those of its items that begin with a text. */
export function collectionQuery(collection: string, prefix?: string) {
  const isBounded = prefix !== undefined;
  return {
    KeyConditionExpression: `#collection = :collection${isBounded ? ' AND begins_with(#item, :prefix)' : ''}`,
    ExpressionAttributeNames: { '#collection': 'collection', ...(isBounded && { '#item': 'item' }) },
    ExpressionAttributeValues: marshall({
      ':collection': collection,
      ...(isBounded && { ':prefix': prefix }),
    }),
  };
}
