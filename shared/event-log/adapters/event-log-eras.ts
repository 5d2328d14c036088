import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { conditional } from '../../base/adapters/dynamodb-errors.ts';
import type { Clock } from '../../base/ports.ts';
import { eraOfEmptyLog, firstOfEra } from '../event-block.ts';
import type { EventsTableOptions } from './event-log-rows.ts';

const eraRow = z.object({ era: z.number(), begunAtEpochMs: z.number() });
type Era = z.infer<typeof eraRow>;

/**
 * The number that the first block of an empty log gets. All who find it empty get the same: the era is written down
 * before anything is written in it, once, and stays when its blocks have expired.
 */
export function createLogEras({
  client,
  tableName: TableName,
  clock,
}: EventsTableOptions & { clock: Clock }) {
  const keyOf = (tenant: string) => ({ bucket: `log#${tenant}#era`, item: 'era' });

  const read = async (tenant: string): Promise<Era | undefined> => {
    const Key = marshall(keyOf(tenant));
    const { Item } = await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
    return Item && eraRow.parse(unmarshall(Item));
  };

  const begin = (tenant: string, next: Era, last: Era | undefined) =>
    conditional(
      client.send(
        new PutItemCommand({
          TableName,
          Item: marshall({ ...keyOf(tenant), ...next }),
          ConditionExpression: last === undefined ? 'attribute_not_exists(#era)' : '#era = :last',
          ExpressionAttributeNames: { '#era': 'era' },
          ...(last === undefined ? {} : { ExpressionAttributeValues: marshall({ ':last': last.era }) }),
        }),
      ),
    );

  return async function firstNumberOf(tenant: string): Promise<number> {
    const last = await read(tenant);
    const nowEpochMs = clock.nowEpochMs();
    const era = eraOfEmptyLog(last, nowEpochMs);
    if (era === last?.era) return firstOfEra(era);
    const { kind } = await begin(tenant, { era, begunAtEpochMs: nowEpochMs }, last);
    // Somebody was faster, or it was our own write, whose answer was lost.
    return kind === 'done' ? firstOfEra(era) : firstNumberOf(tenant);
  };
}
