import {
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { conditional } from '../../base/adapters/dynamodb-errors.ts';
import { SECONDS_PER_DAY } from '../../base/durations.ts';
import { decodeContent, encodeContent } from '../contract/message-content.ts';
import { IDEMPOTENCY_WINDOW_MS, runOf } from '../idempotency.ts';
import type { IdempotencyRecord, IdempotencyRun } from '../idempotency-record.ts';
import type { BatchState, Messages } from '../ports.ts';
import {
  batchKey,
  contentKey,
  failureKey,
  idempotencyKey,
  type Key,
  toItem,
} from './messages-table-codec.ts';

type MessageRecords = Pick<
  Messages,
  | 'putContent'
  | 'getContent'
  | 'deleteContent'
  | 'putIdempotencyRecordIfAbsent'
  | 'replaceIdempotencyRecord'
  | 'deleteIdempotencyRecord'
  | 'endBatch'
  | 'getBatchState'
  | 'putFailureRecord'
>;

const FAILURES_KEPT_SECONDS = 30 * SECONDS_PER_DAY;

const idempotencyRow = z.object({
  requestHash: z.string(),
  reply: z.string(),
  messageIds: z.array(z.string()),
  batchId: z.exactOptional(z.string()),
  createdAtEpochMs: z.number(),
});

const batchRow = z.object({ state: z.enum(['committed', 'aborted']) });

/** What stands beside messages: content, idempotency and batch records, failures. */
export function createMessageRecords(client: DynamoDBClient, TableName: string): MessageRecords {
  const get = async (key: Key) => {
    const { Item } = await client.send(
      new GetItemCommand({ TableName, Key: marshall(key), ConsistentRead: true }),
    );
    return Item && unmarshall(Item);
  };
  const put = (item: object) => client.send(new PutItemCommand({ TableName, Item: toItem(item) }));
  const getBatchState = async (batchId: string): Promise<BatchState | undefined> => {
    const row = await get(batchKey(batchId));
    return row && batchRow.parse(row).state;
  };

  const putIdempotencyRecordIfAbsent: Messages['putIdempotencyRecordIfAbsent'] = async (
    tenant,
    key,
    record,
  ) => {
    const answer = await conditional(client.send(putIdempotencyRecord(TableName, tenant, key, record)));
    if (answer.kind === 'done') return { kind: 'stored' };
    const row = answer.item ?? (await get(idempotencyKey(tenant, key)));
    // Deleted between the refusal and the read: the request that wrote it has failed, and this one may try again.
    if (row === undefined) return putIdempotencyRecordIfAbsent(tenant, key, record);
    return { kind: 'exists', existing: idempotencyRow.parse(row) };
  };

  return {
    getBatchState,
    putIdempotencyRecordIfAbsent,

    async putContent(messageId, content, expiresAtEpochSeconds) {
      await put({ ...contentKey(messageId), body: encodeContent(content), expiresAtEpochSeconds });
    },

    async getContent(messageId) {
      const row = await get(contentKey(messageId));
      return row && decodeContent(row.body as Uint8Array);
    },

    async deleteContent(messageId) {
      await client.send(new DeleteItemCommand({ TableName, Key: marshall(contentKey(messageId)) }));
    },

    async replaceIdempotencyRecord(tenant, key, { dead, record }) {
      const replace = new PutItemCommand({
        TableName,
        Item: idempotencyItem(tenant, key, record),
        ...ofRun(dead),
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      const answer = await conditional(client.send(replace));
      if (answer.kind === 'done') return true;
      // Our own put, repeated by the SDK because its reply was lost.
      const row = answer.item ?? (await get(idempotencyKey(tenant, key)));
      return row !== undefined && runOf(idempotencyRow.parse(row)) === runOf(record);
    },

    async deleteIdempotencyRecord(tenant, key, run) {
      const remove = new DeleteItemCommand({
        TableName,
        Key: marshall(idempotencyKey(tenant, key)),
        ...ofRun(run),
      });
      await conditional(client.send(remove));
    },

    async endBatch(batchId, state, expiresAtEpochSeconds, scheduled) {
      const settle = new PutItemCommand({
        TableName,
        Item: toItem({ ...batchKey(batchId), state, scheduled, expiresAtEpochSeconds }),
        ConditionExpression: 'attribute_not_exists(#item)',
        ExpressionAttributeNames: { '#item': 'item' },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      const answer = await conditional(client.send(settle));
      if (answer.kind === 'done') return state;
      return answer.item ? batchRow.parse(answer.item).state : ((await getBatchState(batchId)) ?? state);
    },

    async putFailureRecord({ recordId, ...failure }) {
      const expiresAtEpochSeconds = Math.floor(failure.failedAtEpochMs / 1000) + FAILURES_KEPT_SECONDS;
      await put({ ...failureKey(recordId), ...failure, expiresAtEpochSeconds });
    },
  };
}

/** A record that is too old counts as absent, whether or not DynamoDB has got round to deleting it. */
function putIdempotencyRecord(TableName: string, tenant: string, key: string, record: IdempotencyRecord) {
  const { createdAtEpochMs } = record;
  return new PutItemCommand({
    TableName,
    Item: idempotencyItem(tenant, key, record),
    ConditionExpression: 'attribute_not_exists(#item) OR #createdAt <= :tooOld',
    ExpressionAttributeNames: { '#item': 'item', '#createdAt': 'createdAtEpochMs' },
    ExpressionAttributeValues: marshall({ ':tooOld': createdAtEpochMs - IDEMPOTENCY_WINDOW_MS }),
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
}

function idempotencyItem(tenant: string, key: string, record: IdempotencyRecord) {
  const expiresAtEpochSeconds = Math.floor((record.createdAtEpochMs + IDEMPOTENCY_WINDOW_MS) / 1000) + 3600;
  return toItem({ ...idempotencyKey(tenant, key), ...record, expiresAtEpochSeconds });
}

const ofRun = (run: IdempotencyRun) => ({
  ConditionExpression: run.batchId === undefined ? '#id[0] = :run' : '#id = :run',
  ExpressionAttributeNames: { '#id': run.batchId === undefined ? 'messageIds' : 'batchId' },
  ExpressionAttributeValues: marshall({ ':run': runOf(run) }),
});
