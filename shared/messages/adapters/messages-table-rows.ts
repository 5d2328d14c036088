import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Table } from '../../base/adapters/dynamodb-client.ts';
import { conditional, conditionHolds, IF_ABSENT } from '../../base/adapters/dynamodb-errors.ts';
import { queryRows } from '../../base/adapters/query-rows.ts';
import type { Message } from '../message.ts';
import type { Messages, PutAnswer } from '../ports.ts';
import {
  fromFact,
  fromMessage,
  isMessageRow,
  messageKey,
  toFact,
  toItem,
  toMessage,
} from './messages-table-codec.ts';
import {
  deleteItem,
  messageOf,
  putItem,
  readItem,
  readRefused,
  SHOW_REFUSED,
} from './messages-table-item.ts';
import { createMessageMoves } from './messages-table-moves.ts';

type MessageRows = Pick<
  Messages,
  | 'putMessageIfAbsent'
  | 'getMessage'
  | 'getTimeline'
  | 'fence'
  | 'deleteUnsent'
  | 'claim'
  | 'defer'
  | 'advance'
  | 'appendFact'
>;

const IF_ABSENT_OR_UNSENT = {
  ConditionExpression: 'attribute_not_exists(#item) OR (#status = :accepted AND #attempt = :none)',
  ExpressionAttributeNames: { '#item': 'item', '#status': 'status', '#attempt': 'attempt' },
  ExpressionAttributeValues: marshall({ ':accepted': 'accepted', ':none': 0 }),
};

const IF_UNSENT = {
  ConditionExpression: '#status IN (:accepted, :scheduled) AND #attempt = :none',
  ExpressionAttributeNames: { '#status': 'status', '#attempt': 'attempt' },
  ExpressionAttributeValues: marshall({ ':accepted': 'accepted', ':scheduled': 'scheduled', ':none': 0 }),
};

/** A message's row and its facts, by id. */
export function createMessageRows(client: DynamoDBClient, TableName: string): MessageRows {
  const table = { client, TableName };
  return {
    ...createMessageMoves(table),

    putMessageIfAbsent: (message) => putMessageIfAbsent(table, message),

    getMessage: async (tenant, messageId, options) =>
      messageOf(await readItem(table, messageKey(tenant, messageId), options?.consistent ?? false)),

    getTimeline: (tenant, messageId) => readTimeline(table, tenant, messageId),

    fence: (tenant, messageId, expiresAtEpochSeconds, over = 'nothing') =>
      putFence(table, tenant, messageId, { expiresAtEpochSeconds, over }),

    async deleteUnsent(tenant, messageId) {
      await conditional(deleteItem(table, messageKey(tenant, messageId), IF_UNSENT));
    },

    appendFact: async (tenant, fact, expiresAtEpochSeconds) =>
      conditionHolds(putItem(table, fromFact(tenant, fact, expiresAtEpochSeconds), IF_ABSENT)),
  };
}

async function putMessageIfAbsent(table: Table, message: Message): Promise<PutAnswer<Message>> {
  const put = putItem(table, fromMessage(message), { ...IF_ABSENT, ...SHOW_REFUSED });
  const answer = await conditional(put);
  if (answer.kind === 'done') return { kind: 'stored' };
  const row = await readRefused(table, answer, messageKey(message.tenant, message.messageId));
  return { kind: 'exists', existing: messageOf(row) ?? message };
}

async function readTimeline({ client, TableName }: Table, tenant: string, messageId: string) {
  const { bucket } = messageKey(tenant, messageId);
  const rows = await queryRows(client, {
    TableName,
    KeyConditionExpression: '#bucket = :bucket AND begins_with(#item, :messageId)',
    ExpressionAttributeNames: { '#bucket': 'bucket', '#item': 'item' },
    ExpressionAttributeValues: marshall({ ':bucket': bucket, ':messageId': messageId }),
    ConsistentRead: true,
  });
  const row = rows.find(isMessageRow);
  return row && { message: toMessage(row), facts: rows.filter((each) => each !== row).map(toFact) };
}

async function putFence(
  table: Table,
  tenant: string,
  messageId: string,
  { expiresAtEpochSeconds, over }: { expiresAtEpochSeconds: number; over: 'nothing' | 'unsent' },
): Promise<'fenced' | 'stored'> {
  const key = messageKey(tenant, messageId);
  const fence = toItem({ ...key, isFence: true, expiresAtEpochSeconds });
  const condition = over === 'unsent' ? IF_ABSENT_OR_UNSENT : IF_ABSENT;
  const answer = await conditional(putItem(table, fence, { ...condition, ...SHOW_REFUSED }));
  if (answer.kind === 'done') return 'fenced';
  return messageOf(await readRefused(table, answer, key)) === undefined ? 'fenced' : 'stored';
}
