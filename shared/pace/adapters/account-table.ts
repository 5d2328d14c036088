import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import type { Clock } from '../../base/ports.ts';
import { CATALOG_COLLECTIONS } from '../../resources.ts';
import type { AccountReading } from '../account-reading.ts';
import type { AccountReadings } from '../ports.ts';

/** Time that a reading is cached; `sweep` reads SES once a minute. */
const CACHED_FOR_MS = 15_000;
/** Time that an absence is cached: the first reading may come any moment. */
const ABSENCE_CACHED_FOR_MS = 1_000;

const key = { collection: CATALOG_COLLECTIONS.account, item: 'sending' } as const;

const accountRow = z.object({
  maxSendRate: z.number(),
  max24HourSend: z.number(),
  sentLast24Hours: z.number(),
  readAtEpochMs: z.number(),
  isAutoWarmUpOn: z.exactOptional(z.boolean()),
});

/** The last answer of SES about the account. */
export function createAccountTable(client: DynamoDBClient, TableName: string, clock: Clock): AccountReadings {
  let cached: { readonly reading: AccountReading | undefined; readonly readAtEpochMs: number } | undefined;

  return {
    async latest() {
      const nowEpochMs = clock.nowEpochMs();
      const cachedForMs = cached?.reading === undefined ? ABSENCE_CACHED_FOR_MS : CACHED_FOR_MS;
      if (cached !== undefined && Math.abs(nowEpochMs - cached.readAtEpochMs) < cachedForMs)
        return cached.reading;
      const { Item } = await client.send(new GetItemCommand({ TableName, Key: marshall(key) }));
      const reading = Item && accountRow.parse(unmarshall(Item));
      cached = { reading, readAtEpochMs: nowEpochMs };
      return reading;
    },

    async put(reading) {
      await client.send(new PutItemCommand({ TableName, Item: marshall({ ...key, ...reading }) }));
      cached = { reading, readAtEpochMs: clock.nowEpochMs() };
    },
  };
}
