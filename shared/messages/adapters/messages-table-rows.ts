import {
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateQuery,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { type ConditionalAnswer, conditional } from '../../base/adapters/dynamodb-errors.ts';
import type { Message } from '../message.ts';
import type { Messages } from '../ports.ts';
import {
  fromFact,
  fromMessage,
  isFence,
  isMessageRow,
  messageKey,
  toFact,
  toItem,
  toMessage,
} from './messages-table-codec.ts';
import { claimUpdate, deferUpdate, moveUpdate } from './messages-table-updates.ts';

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

const IF_ABSENT = {
  ConditionExpression: 'attribute_not_exists(#item)',
  ExpressionAttributeNames: { '#item': 'item' },
};

const IF_ABSENT_OR_UNSENT = {
  ConditionExpression: 'attribute_not_exists(#item) OR (#status = :accepted AND #attempt = :none)',
  ExpressionAttributeNames: { '#item': 'item', '#status': 'status', '#attempt': 'attempt' },
  ExpressionAttributeValues: marshall({ ':accepted': 'accepted', ':none': 0 }),
};

/** A message's row and its facts, by id. */
export function createMessageRows(client: DynamoDBClient, TableName: string): MessageRows {
  const getItem = async (tenant: string, messageId: string, isConsistent: boolean) => {
    const Key = marshall(messageKey(tenant, messageId));
    const { Item } = await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: isConsistent }));
    return Item && unmarshall(Item);
  };

  /** The item that made a condition fail: from the refusal itself where it carries it, else by a read. */
  const refusedItem = async (answer: ConditionalAnswer<unknown>, tenant: string, messageId: string) =>
    answer.kind === 'refused' && answer.item !== undefined ? answer.item : getItem(tenant, messageId, true);

  const refusedRow = async (answer: ConditionalAnswer<unknown>, tenant: string, messageId: string) =>
    rowOf(await refusedItem(answer, tenant, messageId));

  return {
    async putMessageIfAbsent(message) {
      const put = new PutItemCommand({
        TableName,
        Item: fromMessage(message),
        ...IF_ABSENT,
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      const answer = await conditional(client.send(put));
      if (answer.kind === 'done') return { kind: 'stored' };
      const existing = await refusedRow(answer, message.tenant, message.messageId);
      return { kind: 'exists', existing: existing ?? message };
    },

    getMessage: async (tenant, messageId, options) =>
      rowOf(await getItem(tenant, messageId, options?.consistent ?? false)),

    async getTimeline(tenant, messageId) {
      const { bucket } = messageKey(tenant, messageId);
      const rows: Record<string, unknown>[] = [];
      const pages = paginateQuery(
        { client },
        {
          TableName,
          KeyConditionExpression: '#bucket = :bucket AND begins_with(#item, :messageId)',
          ExpressionAttributeNames: { '#bucket': 'bucket', '#item': 'item' },
          ExpressionAttributeValues: marshall({ ':bucket': bucket, ':messageId': messageId }),
          ConsistentRead: true,
        },
      );
      for await (const page of pages) rows.push(...(page.Items ?? []).map((item) => unmarshall(item)));
      const row = rows.find(isMessageRow);
      return row && { message: toMessage(row), facts: rows.filter((each) => each !== row).map(toFact) };
    },

    async fence(tenant, messageId, expiresAtEpochSeconds, over = 'nothing') {
      const put = new PutItemCommand({
        TableName,
        Item: toItem({ ...messageKey(tenant, messageId), isFence: true, expiresAtEpochSeconds }),
        ...(over === 'unsent' ? IF_ABSENT_OR_UNSENT : IF_ABSENT),
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      const answer = await conditional(client.send(put));
      if (answer.kind === 'done') return 'fenced';
      return (await refusedRow(answer, tenant, messageId)) === undefined ? 'fenced' : 'stored';
    },

    async deleteUnsent(tenant, messageId) {
      const remove = new DeleteItemCommand({
        TableName,
        Key: marshall(messageKey(tenant, messageId)),
        ConditionExpression: '#status IN (:accepted, :scheduled) AND #attempt = :none',
        ExpressionAttributeNames: { '#status': 'status', '#attempt': 'attempt' },
        ExpressionAttributeValues: marshall({
          ':accepted': 'accepted',
          ':scheduled': 'scheduled',
          ':none': 0,
        }),
      });
      await conditional(client.send(remove));
    },

    async claim(tenant, messageId, claim) {
      const update = new UpdateItemCommand({
        TableName,
        Key: marshall(messageKey(tenant, messageId)),
        ...claimUpdate(claim),
        ReturnValues: 'ALL_NEW',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      const answer = await conditional(client.send(update));
      if (answer.kind === 'done') {
        return { kind: 'claimed', message: toMessage(unmarshall(answer.output.Attributes ?? {})) };
      }
      const item = await refusedItem(answer, tenant, messageId);
      const message = rowOf(item);
      if (message === undefined) return { kind: 'absent' };
      // Our own claim, repeated by the SDK because its reply was lost.
      return { kind: item?.claimId === claim.claimId ? 'claimed' : 'refused', message };
    },

    async defer(tenant, messageId, until) {
      const update = new UpdateItemCommand({
        TableName,
        Key: marshall(messageKey(tenant, messageId)),
        ...deferUpdate(until),
      });
      return (await conditional(client.send(update))).kind === 'done';
    },

    async advance(tenant, messageId, from, move) {
      const update = new UpdateItemCommand({
        TableName,
        Key: marshall(messageKey(tenant, messageId)),
        ...moveUpdate(from, move),
      });
      return (await conditional(client.send(update))).kind === 'done';
    },

    async appendFact(tenant, fact, expiresAtEpochSeconds) {
      const Item = fromFact(tenant, fact, expiresAtEpochSeconds);
      return (
        (await conditional(client.send(new PutItemCommand({ TableName, Item, ...IF_ABSENT })))).kind ===
        'done'
      );
    },
  };
}

const rowOf = (row: Record<string, unknown> | undefined): Message | undefined =>
  row === undefined || isFence(row) ? undefined : toMessage(row);
