import {
  type AttributeValue,
  DeleteItemCommand,
  type DeleteItemCommandInput,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Table } from '../../base/adapters/dynamodb-client.ts';
import type { Message } from '../message.ts';
import { isFence, type Key, toMessage } from './messages-table-codec.ts';

type Row = Record<string, unknown>;
type PutCondition = Omit<PutItemCommandInput, 'TableName' | 'Item'>;
type DeleteCondition = Omit<DeleteItemCommandInput, 'TableName' | 'Key'>;

/** Has a refused write bring along the item that made its condition fail. */
export const SHOW_REFUSED = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;

export async function readItem(
  { client, TableName }: Table,
  key: Key,
  ConsistentRead: boolean,
): Promise<Row | undefined> {
  const { Item } = await client.send(new GetItemCommand({ TableName, Key: marshall(key), ConsistentRead }));
  return Item && unmarshall(Item);
}

/** The item that made a condition fail: from the refusal itself where it carries it, else by a read. */
export const readRefused = async (
  table: Table,
  refusal: { readonly item: Row | undefined },
  key: Key,
): Promise<Row | undefined> => refusal.item ?? readItem(table, key, true);

export const putItem = (
  { client, TableName }: Table,
  Item: Record<string, AttributeValue>,
  condition: PutCondition = {},
) => client.send(new PutItemCommand({ TableName, Item, ...condition }));

export const deleteItem = ({ client, TableName }: Table, key: Key, condition: DeleteCondition = {}) =>
  client.send(new DeleteItemCommand({ TableName, Key: marshall(key), ...condition }));

/** The message of a row; undefined where there is no row, or a fence in its place. */
export const messageOf = (row: Row | undefined): Message | undefined =>
  row === undefined || isFence(row) ? undefined : toMessage(row);
