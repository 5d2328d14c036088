import { DeleteItemCommand, type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { CATALOG_COLLECTIONS } from '../contract/resources.ts';
import { MAILBOX_PROVIDERS } from '../domain/mailbox-provider.ts';
import type { ProviderReports } from '../domain/sending-ports.ts';

const key = { collection: CATALOG_COLLECTIONS.pace, item: 'provider-reports' } as const;

/** One item of the catalog; taking the reports takes the item, so that none is answered twice. */
export function createProviderReports(client: DynamoDBClient, TableName: string): ProviderReports {
  return {
    async add(provider, { delayed, delivered }) {
      const update = new UpdateItemCommand({
        TableName,
        Key: marshall(key),
        UpdateExpression: 'ADD #delayed :delayed, #delivered :delivered',
        ExpressionAttributeNames: {
          '#delayed': `${provider}-delayed`,
          '#delivered': `${provider}-delivered`,
        },
        ExpressionAttributeValues: marshall({ ':delayed': delayed, ':delivered': delivered }),
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
