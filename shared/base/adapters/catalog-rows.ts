import { type DynamoDBClient, paginateQuery, type QueryCommandInput } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';

type Order = Pick<QueryCommandInput, 'ConsistentRead' | 'ScanIndexForward'>;

/** Every item of a collection of the catalog, or those that begin with a text. */
export async function catalogRows(
  client: DynamoDBClient,
  TableName: string,
  collection: string,
  { prefix, ...order }: Order & { readonly prefix?: string } = {},
): Promise<readonly Record<string, unknown>[]> {
  const pages = paginateQuery({ client }, { TableName, ...queryOf(collection, prefix), ...order });
  const rows: Record<string, unknown>[] = [];
  for await (const { Items = [] } of pages) rows.push(...Items.map((item) => unmarshall(item)));
  return rows;
}

function queryOf(collection: string, prefix: string | undefined) {
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
