import {
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Suppressions } from '../domain/ports.ts';
import type { Suppression } from '../domain/suppression.ts';
import { conditional } from './dynamodb-errors.ts';
import { findSuppressed } from './suppressions-table-check.ts';
import {
  entryKey,
  fromEntry,
  fromListing,
  type Key,
  listingKey,
  toSuppression,
} from './suppressions-table-codec.ts';
import { listSuppressions } from './suppressions-table-list.ts';

/** More than one round means that another writer was at the same address in between. */
const ROUNDS = 5;

export interface SuppressionsTableOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
}

/**
 * The entry by address is the truth, and the only item that sending reads. The listing item (by id, for pages) follows
 * it on the way in and out; what a crash leaves between the two is mended by the next `add`, `remove` or `list`.
 */
export function createSuppressionsTable({
  client,
  tableName: TableName,
}: SuppressionsTableOptions): Suppressions {
  const read = async (key: Key) => {
    const { Item } = await client.send(
      new GetItemCommand({ TableName, Key: marshall(key), ConsistentRead: true }),
    );
    return Item && toSuppression(unmarshall(Item));
  };

  const putIf = async (entry: Suppression, condition: object) =>
    (await conditional(client.send(new PutItemCommand({ TableName, Item: fromEntry(entry), ...condition }))))
      .kind === 'done';

  /** The entry that holds, or undefined where another writer came between: then once more. */
  const tryAdd = async (wanted: Suppression): Promise<Suppression | undefined> => {
    if (await putIf(wanted, IF_ABSENT)) return wanted;
    const existing = await read(entryKey(wanted.address));
    if (existing === undefined) return undefined;
    if (wanted.origin !== 'complaint' || existing.origin === 'complaint') return existing;
    const { suppressionId, createdAt } = existing;
    const replacement = { ...wanted, suppressionId, createdAt };
    return (await putIf(replacement, ifStill(existing))) ? replacement : undefined;
  };

  const removeEntry = async (address: string, condition: object = {}) => {
    const remove = new DeleteItemCommand({
      TableName,
      Key: marshall(entryKey(address)),
      ReturnValues: 'ALL_OLD',
      ...condition,
    });
    const answer = await conditional(client.send(remove));
    const old = answer.kind === 'done' ? answer.output.Attributes : undefined;
    return old && toSuppression(unmarshall(old));
  };

  const unlist = async (suppressionId: string) => {
    await client.send(new DeleteItemCommand({ TableName, Key: marshall(listingKey(suppressionId)) }));
  };

  /** A listing item is worth what the entry says: an entry of another id is another suppression. */
  const current = async (listed: Suppression): Promise<Suppression | undefined> => {
    const entry = await read(entryKey(listed.address));
    return entry?.suppressionId === listed.suppressionId ? entry : undefined;
  };

  return {
    findSuppressed: (addresses) => findSuppressed(client, TableName, addresses),

    async get(idOrAddress) {
      if (isAddress(idOrAddress)) return read(entryKey(idOrAddress));
      const listed = await read(listingKey(idOrAddress));
      return listed && current(listed);
    },

    list: (page) => listSuppressions({ client, TableName, current, unlist }, page),

    async add(wanted) {
      for (let round = 0; round < ROUNDS; round++) {
        const entry = await tryAdd(wanted);
        if (entry === undefined) continue;
        await client.send(new PutItemCommand({ TableName, Item: fromListing(entry) }));
        return entry;
      }
      throw new SuppressionContestedError();
    },

    async remove(idOrAddress) {
      if (isAddress(idOrAddress)) {
        const removed = await removeEntry(idOrAddress);
        if (removed !== undefined) await unlist(removed.suppressionId);
        return removed;
      }
      const listed = await read(listingKey(idOrAddress));
      if (listed === undefined) return undefined;
      const removed = await removeEntry(listed.address, ifSame(listed));
      await unlist(listed.suppressionId);
      return removed ?? listed;
    },
  };
}

/** Several writers kept changing one address; trying again is safe. */
export class SuppressionContestedError extends Error {
  override readonly name = 'SuppressionContestedError';
  readonly permanent = false;

  constructor() {
    super('Other writers kept changing the entry.');
  }
}

const isAddress = (idOrAddress: string): boolean => idOrAddress.includes('@');

const IF_ABSENT = {
  ConditionExpression: 'attribute_not_exists(#item)',
  ExpressionAttributeNames: { '#item': 'item' },
};

const ifSame = ({ suppressionId }: Suppression) => ({
  ConditionExpression: '#id = :id',
  ExpressionAttributeNames: { '#id': 'suppressionId' },
  ExpressionAttributeValues: marshall({ ':id': suppressionId }),
});

const ifStill = ({ suppressionId, origin }: Suppression) => ({
  ConditionExpression: '#id = :id AND #origin = :origin',
  ExpressionAttributeNames: { '#id': 'suppressionId', '#origin': 'origin' },
  ExpressionAttributeValues: marshall({ ':id': suppressionId, ':origin': origin }),
});
