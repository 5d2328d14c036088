import { type DynamoDBClient, paginateQuery, type QueryCommandInput } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';

/** Every row that a query finds, page after page. */
export async function queryRows(
  client: DynamoDBClient,
  query: QueryCommandInput,
): Promise<readonly Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  for await (const { Items = [] } of paginateQuery({ client }, query)) {
    rows.push(...Items.map((item) => unmarshall(item)));
  }
  return rows;
}
