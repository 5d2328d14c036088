import {
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { conditional } from '../../base/adapters/dynamodb-errors.ts';
import { defined } from '../../base/defined.ts';
import type { SuppressionLists, Suppressions } from '../ports.ts';
import { type Suppression, withCause, withoutComplaint } from '../suppression.ts';
import type { SuppressionScope } from '../suppression-scope.ts';
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
const ROUNDS = 10;

export interface SuppressionsTableOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
}

/**
 * One list for each scope. The entry by address is the truth, and the only item that sending reads. The listing item (by
 * id, for pages) follows it on the way in and out; what a crash leaves between the two is mended by the next `add`,
 * `remove` or `list`.
 */
export function createSuppressionsTable({ client, tableName }: SuppressionsTableOptions): SuppressionLists {
  return {
    findSuppressed: (scopes, addresses) => findSuppressed(client, tableName, scopes, addresses),
    forScope: (scope) => createList(client, tableName, scope),
  };
}

function createList(client: DynamoDBClient, TableName: string, scope: SuppressionScope): Suppressions {
  const read = async (key: Key) => {
    const { Item } = await client.send(
      new GetItemCommand({ TableName, Key: marshall(key), ConsistentRead: true }),
    );
    return Item && toSuppression(unmarshall(Item));
  };

  const putIf = async (entry: Suppression, condition: object) =>
    (
      await conditional(
        client.send(new PutItemCommand({ TableName, Item: fromEntry(scope, entry), ...condition })),
      )
    ).kind === 'done';

  /** The entry that holds, or undefined where another writer came between: then once more. */
  const tryAdd = async (wanted: Suppression): Promise<Suppression | undefined> => {
    if (await putIf(wanted, IF_ABSENT)) return wanted;
    const existing = await read(entryKey(scope, wanted.address));
    if (existing === undefined) return undefined;
    const merged = withCause(existing, wanted);
    if (merged === existing) return existing;
    return (await putIf(merged, ifStill(existing))) ? merged : undefined;
  };

  /** False where another writer came between: then once more. */
  const tryWithdraw = async (address: string, sourceMessageId: string): Promise<boolean> => {
    const existing = await read(entryKey(scope, address));
    if (existing === undefined) return true;
    const left = withoutComplaint(existing, sourceMessageId);
    if (left === existing) return true;
    if (left === undefined) {
      if ((await removeEntry(address, ifStill(existing))) === undefined) return false;
      await unlist(existing.suppressionId);
      return true;
    }
    if (!(await putIf(left, ifStill(existing)))) return false;
    await client.send(new PutItemCommand({ TableName, Item: fromListing(scope, left) }));
    return true;
  };

  const removeEntry = async (address: string, condition: object = {}) => {
    const remove = new DeleteItemCommand({
      TableName,
      Key: marshall(entryKey(scope, address)),
      ReturnValues: 'ALL_OLD',
      ...condition,
    });
    const answer = await conditional(client.send(remove));
    const old = answer.kind === 'done' ? answer.output.Attributes : undefined;
    return old && toSuppression(unmarshall(old));
  };

  const unlist = async (suppressionId: string) => {
    await client.send(new DeleteItemCommand({ TableName, Key: marshall(listingKey(scope, suppressionId)) }));
  };

  /** A listing item is worth what the entry says: an entry of another id is another suppression. */
  const current = async (listed: Suppression): Promise<Suppression | undefined> => {
    const entry = await read(entryKey(scope, listed.address));
    return entry?.suppressionId === listed.suppressionId ? entry : undefined;
  };

  return {
    async get(idOrAddress) {
      if (isAddress(idOrAddress)) return read(entryKey(scope, idOrAddress));
      const listed = await read(listingKey(scope, idOrAddress));
      return listed && current(listed);
    },

    list: (page) => listSuppressions({ client, TableName, scope, current, unlist }, page),

    async add(wanted) {
      for (let round = 0; round < ROUNDS; round++) {
        const entry = await tryAdd(wanted);
        if (entry === undefined) continue;
        await client.send(new PutItemCommand({ TableName, Item: fromListing(scope, entry) }));
        return entry;
      }
      throw new SuppressionContestedError();
    },

    async withdrawComplaint(address, sourceMessageId) {
      for (let round = 0; round < ROUNDS; round++) if (await tryWithdraw(address, sourceMessageId)) return;
      throw new SuppressionContestedError();
    },

    async remove(idOrAddress) {
      if (isAddress(idOrAddress)) {
        const removed = await removeEntry(idOrAddress);
        if (removed !== undefined) await unlist(removed.suppressionId);
        return removed;
      }
      const listed = await read(listingKey(scope, idOrAddress));
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

/** Nobody has added a cause or taken one out since. */
const ifStill = ({ suppressionId, revision }: Suppression) => ({
  ConditionExpression: `#id = :id AND ${revision === undefined ? 'attribute_not_exists(#revision)' : '#revision = :revision'}`,
  ExpressionAttributeNames: { '#id': 'suppressionId', '#revision': 'revision' },
  ExpressionAttributeValues: marshall({
    ':id': suppressionId,
    ...defined({ ':revision': revision }),
  }),
});
