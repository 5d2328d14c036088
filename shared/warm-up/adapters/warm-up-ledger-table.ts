import {
  type DynamoDBClient,
  GetItemCommand,
  paginateQuery,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { conditionHolds } from '../../base/adapters/dynamodb-errors.ts';
import { ContendedError } from '../../base/change.ts';
import { CATALOG_COLLECTIONS } from '../../resources.ts';
import type { MailboxProvider } from '../../streams/stream-settings.ts';
import type { LedgerCounts, LedgerDay, WarmUpLedger } from '../ports.ts';
import { chunkOf } from '../warm-up.ts';

const TRIES = 8;

const collection = CATALOG_COLLECTIONS.warmUp;

const counts = z.object({
  used: z._default(z.number(), 0),
  overflowed: z._default(z.number(), 0),
});

/** Ledger in the catalog: one item for each stream, UTC day and provider, and one for the whole stream. */
export function createWarmUpLedger(client: DynamoDBClient, tableName: string): WarmUpLedger {
  return {
    async lease(line, need, allowance) {
      for (let tries = 0; tries < TRIES; tries++) {
        const left = Math.max(0, allowance - (await readCounts(client, tableName, line)).used);
        const chunk = chunkOf(need, left);
        if (chunk === 0) return { kind: 'used-up', left };
        if (await takeChunk(client, tableName, line, { chunk, allowance }))
          return { kind: 'leased', recipients: chunk };
      }
      throw new ContendedError(itemOf(line));
    },

    async countOverflow(line, recipients) {
      const update = new UpdateItemCommand({
        TableName: tableName,
        Key: keyOf(line),
        UpdateExpression: 'ADD #overflowed :recipients',
        ExpressionAttributeNames: { '#overflowed': 'overflowed' },
        ExpressionAttributeValues: marshall({ ':recipients': recipients }),
      });
      await client.send(update);
    },

    async read(stream, day) {
      const found: Partial<Record<MailboxProvider, LedgerCounts>> & { all: LedgerCounts } = {
        all: { used: 0, overflowed: 0 },
      };
      const prefix = itemOf({ stream, day, provider: 'all' }).slice(0, -'all'.length);
      for await (const page of paginateQuery({ client }, dayQuery(tableName, prefix))) {
        for (const item of page.Items ?? []) {
          const row = unmarshall(item);
          const provider = String(row.item).slice(prefix.length) as LedgerDay['provider'];
          found[provider] = counts.parse(row);
        }
      }
      return found;
    },
  };
}

const itemOf = ({ stream, day, provider }: LedgerDay): string => `${stream}#${day}#${provider}`;
const keyOf = (line: LedgerDay) => marshall({ collection, item: itemOf(line) });

async function readCounts(client: DynamoDBClient, TableName: string, line: LedgerDay): Promise<LedgerCounts> {
  const get = new GetItemCommand({ TableName, Key: keyOf(line), ConsistentRead: true });
  const { Item } = await client.send(get);
  return counts.parse(Item === undefined ? {} : unmarshall(Item));
}

/** Adds if the sum stays within the allowance, also where other workers add at the same time. */
async function takeChunk(
  client: DynamoDBClient,
  TableName: string,
  line: LedgerDay,
  { chunk, allowance }: { readonly chunk: number; readonly allowance: number },
): Promise<boolean> {
  const update = new UpdateItemCommand({
    TableName,
    Key: keyOf(line),
    UpdateExpression: 'ADD #used :chunk',
    ConditionExpression: 'attribute_not_exists(#used) OR #used <= :most',
    ExpressionAttributeNames: { '#used': 'used' },
    ExpressionAttributeValues: marshall({ ':chunk': chunk, ':most': allowance - chunk }),
  });
  return conditionHolds(client.send(update));
}

const dayQuery = (TableName: string, prefix: string) => ({
  TableName,
  KeyConditionExpression: '#collection = :collection AND begins_with(#item, :prefix)',
  ExpressionAttributeNames: { '#collection': 'collection', '#item': 'item' },
  ExpressionAttributeValues: marshall({ ':collection': collection, ':prefix': prefix }),
});
