import { type DynamoDBClient, paginateQuery, type QueryCommandInput } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';

/** Every item of a collection of the catalog. */
export async function catalogRows(
  client: DynamoDBClient,
  TableName: string,
  collection: string,
  options: Pick<QueryCommandInput, 'ConsistentRead' | 'ScanIndexForward'> = {},
): Promise<readonly Record<string, unknown>[]> {
  const pages = paginateQuery(
    { client },
    {
      TableName,
      KeyConditionExpression: '#collection = :collection',
      ExpressionAttributeNames: { '#collection': 'collection' },
      ExpressionAttributeValues: marshall({ ':collection': collection }),
      ...options,
    },
  );
  const rows: Record<string, unknown>[] = [];
  for await (const { Items = [] } of pages) rows.push(...Items.map((item) => unmarshall(item)));
  return rows;
}
