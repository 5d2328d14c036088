import { type DynamoDBClient, PutItemCommand, paginateQuery } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { dayOf } from '../../base/days.ts';
import { CATALOG_COLLECTIONS } from '../../resources.ts';
import { createdAtEpochMsOf } from '../message-bucket.ts';

export interface MessageDays {
  /**
   * Remembers a day before its first message; one write a day for each running function, none for the
   * messages after.
   */
  remember(tenant: string, messageId: string): Promise<void>;
  /** Lists days newest first, both ends included. */
  list(tenant: string, fromDay: string, toDay: string): Promise<readonly string[]>;
}

const collection = CATALOG_COLLECTIONS.messageDays;

/** The days that have messages, so that lists and sweeps need not ask 32 shards of every day that could have some. */
export function createMessageDays(client: DynamoDBClient, tableName: string): MessageDays {
  const remembered = new Set<string>();

  return {
    async remember(tenant, messageId) {
      const item = `${tenant}#${dayOf(createdAtEpochMsOf(messageId))}`;
      if (remembered.has(item)) return;
      await client.send(new PutItemCommand({ TableName: tableName, Item: marshall({ collection, item }) }));
      remembered.add(item);
    },

    async list(tenant, fromDay, toDay) {
      const pages = paginateQuery(
        { client },
        {
          TableName: tableName,
          KeyConditionExpression: '#collection = :collection AND #item BETWEEN :from AND :to',
          ExpressionAttributeNames: { '#collection': 'collection', '#item': 'item' },
          ExpressionAttributeValues: marshall({
            ':collection': collection,
            ':from': `${tenant}#${fromDay}`,
            ':to': `${tenant}#${toDay}`,
          }),
          ScanIndexForward: false,
        },
      );
      const days: string[] = [];
      for await (const page of pages) {
        for (const item of page.Items ?? [])
          days.push(String(unmarshall(item).item).slice(tenant.length + 1));
      }
      return days;
    },
  };
}
