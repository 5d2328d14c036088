import { DeleteItemCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Table } from '../../base/adapters/dynamodb-client.ts';
import { conditional, conditionHolds } from '../../base/adapters/dynamodb-errors.ts';
import type { Suppression } from '../suppression.ts';
import type { SuppressionScope } from '../suppression-scope.ts';
import {
  entryKey,
  fromEntry,
  fromListing,
  type Key,
  listingKey,
  toSuppression,
} from './suppressions-table-codec.ts';

/** One scope of the table. */
export interface ListTable extends Table {
  readonly scope: SuppressionScope;
}

export const ifSame = ({ suppressionId }: Suppression) => ({
  ConditionExpression: '#id = :id',
  ExpressionAttributeNames: { '#id': 'suppressionId' },
  ExpressionAttributeValues: marshall({ ':id': suppressionId }),
});

/** Condition that no writer has added a cause or taken one out since. */
export const ifStill = ({ suppressionId, revision }: Suppression) => ({
  ConditionExpression: `#id = :id AND ${revision === undefined ? 'attribute_not_exists(#revision)' : '#revision = :revision'}`,
  ExpressionAttributeNames: { '#id': 'suppressionId', '#revision': 'revision' },
  ExpressionAttributeValues: marshall(
    { ':id': suppressionId, ':revision': revision },
    { removeUndefinedValues: true },
  ),
});

export const readEntry = (list: ListTable, address: string): Promise<Suppression | undefined> =>
  read(list, entryKey(list.scope, address));

export const readListing = (list: ListTable, suppressionId: string): Promise<Suppression | undefined> =>
  read(list, listingKey(list.scope, suppressionId));

async function read({ client, TableName }: ListTable, key: Key): Promise<Suppression | undefined> {
  const get = new GetItemCommand({ TableName, Key: marshall(key), ConsistentRead: true });
  const { Item } = await client.send(get);
  return Item && toSuppression(unmarshall(Item));
}

/**
 * Reads the entry of a listing item, which is worth what the entry says: an entry of another id is another
 * suppression.
 */
export async function readListed(list: ListTable, listed: Suppression): Promise<Suppression | undefined> {
  const entry = await readEntry(list, listed.address);
  return entry?.suppressionId === listed.suppressionId ? entry : undefined;
}

export const putEntry = async (
  { client, TableName, scope }: ListTable,
  entry: Suppression,
  condition: object,
): Promise<boolean> =>
  conditionHolds(client.send(new PutItemCommand({ TableName, Item: fromEntry(scope, entry), ...condition })));

export async function putListing({ client, TableName, scope }: ListTable, entry: Suppression): Promise<void> {
  await client.send(new PutItemCommand({ TableName, Item: fromListing(scope, entry) }));
}

/** The entry that was there; undefined where there was none or where the condition failed. */
export async function deleteEntry(
  { client, TableName, scope }: ListTable,
  address: string,
  condition: object = {},
): Promise<Suppression | undefined> {
  const Key = marshall(entryKey(scope, address));
  const remove = new DeleteItemCommand({ TableName, Key, ReturnValues: 'ALL_OLD', ...condition });
  const answer = await conditional(client.send(remove));
  const old = answer.kind === 'done' ? answer.output.Attributes : undefined;
  return old && toSuppression(unmarshall(old));
}

export async function deleteListing(
  { client, TableName, scope }: ListTable,
  suppressionId: string,
): Promise<void> {
  const Key = marshall(listingKey(scope, suppressionId));
  await client.send(new DeleteItemCommand({ TableName, Key }));
}
