import { DeleteItemCommand, type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { CATALOG_COLLECTIONS } from '../../resources.ts';
import { MAILBOX_PROVIDERS } from '../mailbox-provider.ts';
import type { ProviderReports, SignalsByProvider } from '../ports.ts';

const key = { collection: CATALOG_COLLECTIONS.pace, item: 'provider-reports' } as const;

/** One item of the catalog; taking the reports takes the item, so that none is answered twice. */
export function createProviderReports(client: DynamoDBClient, TableName: string): ProviderReports {
  return {
    async add(signals) {
      const counts = countsOf(signals);
      if (counts.length === 0) return;
      const update = new UpdateItemCommand({
        TableName,
        Key: marshall(key),
        UpdateExpression: `ADD ${counts.map((_, index) => `#${index} :${index}`).join(', ')}`,
        ExpressionAttributeNames: Object.fromEntries(counts.map(([name], index) => [`#${index}`, name])),
        ExpressionAttributeValues: marshall(
          Object.fromEntries(counts.map(([, count], index) => [`:${index}`, count])),
        ),
      });
      await client.send(update);
    },

    async take() {
      const remove = new DeleteItemCommand({ TableName, Key: marshall(key), ReturnValues: 'ALL_OLD' });
      const { Attributes } = await client.send(remove);
      const row = Attributes === undefined ? {} : unmarshall(Attributes);
      const reported = MAILBOX_PROVIDERS.filter((provider) => `${provider}-delivered` in row);
      return Object.fromEntries(
        reported.map((provider) => [
          provider,
          { delayed: Number(row[`${provider}-delayed`]), delivered: Number(row[`${provider}-delivered`]) },
        ]),
      );
    },
  };
}

const countsOf = (signals: SignalsByProvider): [attribute: string, count: number][] =>
  Object.entries(signals).flatMap(([provider, { delayed, delivered }]) => [
    [`${provider}-delayed`, delayed],
    [`${provider}-delivered`, delivered],
  ]);
