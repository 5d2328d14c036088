import { setTimeout as wait } from 'node:timers/promises';
import {
  type AttributeValue,
  BatchGetItemCommand,
  type DynamoDBClient,
  GetItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { SuppressionScope } from '../suppression-scope.ts';
import { addressOf, entryKey } from './suppressions-table-codec.ts';

/** BatchGetItem takes this many keys; a mail has 50 recipients at most. */
const KEYS_PER_BATCH = 100;
const ROUNDS = 5;
const FIRST_WAIT_MS = 50;

type Item = Record<string, AttributeValue>;

/** Error that DynamoDB kept some of the keys unread: whether their addresses are suppressed is not known. */
class SuppressionsUnreadError extends Error {
  override readonly name = 'SuppressionsUnreadError';
  readonly permanent = false;
}

/**
 * Projection of the key alone; a consistent read of an absent item costs one unit, as one of up to 4 KB does.
 */
const PROJECTION = {
  ProjectionExpression: '#subject',
  ExpressionAttributeNames: { '#subject': 'subject' },
  ConsistentRead: true,
};

/** @throws SuppressionsUnreadError rather than to call an address free that was not looked at */
export async function findSuppressed(
  client: DynamoDBClient,
  TableName: string,
  scopes: readonly SuppressionScope[],
  addresses: readonly string[],
): Promise<ReadonlySet<string>> {
  const keys = scopes.flatMap((scope) =>
    [...new Set(addresses)].map((address) => marshall(entryKey(scope, address))),
  );
  const [only] = keys;
  const items: Item[] = [];
  if (keys.length === 1 && only !== undefined) {
    const { Item } = await client.send(new GetItemCommand({ TableName, Key: only, ...PROJECTION }));
    if (Item !== undefined) items.push(Item);
  } else {
    for (let start = 0; start < keys.length; start += KEYS_PER_BATCH) {
      items.push(...(await readBatch(client, TableName, keys.slice(start, start + KEYS_PER_BATCH))));
    }
  }
  return new Set(items.map((item) => addressOf(String(unmarshall(item).subject))));
}

async function readBatch(
  client: DynamoDBClient,
  TableName: string,
  keys: readonly Item[],
): Promise<readonly Item[]> {
  const found: Item[] = [];
  let unread = [...keys];
  for (let round = 0; unread.length > 0; round++) {
    if (round === ROUNDS) throw new SuppressionsUnreadError(`${unread.length} addresses were not looked at`);
    if (round > 0) await wait(FIRST_WAIT_MS * 2 ** (round - 1));
    const answer = await client.send(
      new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: unread, ...PROJECTION } } }),
    );
    found.push(...(answer.Responses?.[TableName] ?? []));
    unread = answer.UnprocessedKeys?.[TableName]?.Keys ?? [];
  }
  return found;
}
