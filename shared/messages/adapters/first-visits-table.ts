import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { conditional, IF_ABSENT } from '../../base/adapters/dynamodb-errors.ts';
import { SECONDS_PER_DAY } from '../../base/durations.ts';
import type { Clock } from '../../base/ports.ts';
import type { FirstVisits } from '../ports.ts';

/** Seconds that a visit is kept. A mail that is opened for the first time after so long counts once more. */
const KEPT_SECONDS = 90 * SECONDS_PER_DAY;

/** First visits in the events table, an item for each mail and type of event. */
export function createFirstVisits({
  client,
  tableName: TableName,
  clock,
}: {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly clock: Clock;
}): FirstVisits {
  const read = async (key: Readonly<Record<string, string>>) => {
    const get = new GetItemCommand({ TableName, Key: marshall(key), ConsistentRead: true });
    const { Item } = await client.send(get);
    return Item && unmarshall(Item);
  };

  return {
    async claim(tenant, messageId, type, eventId) {
      const key = { bucket: `first#${tenant}#${messageId}`, item: type };
      const expiresAtEpochSeconds = Math.floor(clock.nowEpochMs() / 1000) + KEPT_SECONDS;
      const put = new PutItemCommand({
        TableName,
        Item: marshall({ ...key, eventId, expiresAtEpochSeconds }),
        ...IF_ABSENT,
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      const answer = await conditional(client.send(put));
      if (answer.kind === 'done') return true;
      const first = answer.item ?? (await read(key));
      return first?.eventId === eventId;
    },
  };
}
