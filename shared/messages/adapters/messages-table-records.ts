import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import type { Table } from '../../base/adapters/dynamodb-client.ts';
import { conditional, IF_ABSENT } from '../../base/adapters/dynamodb-errors.ts';
import { SECONDS_PER_DAY } from '../../base/durations.ts';
import { decodeContent, encodeContent } from '../contract/message-content.ts';
import { IDEMPOTENCY_WINDOW_MS, runOf } from '../idempotency.ts';
import type { IdempotencyRecord, IdempotencyRun } from '../idempotency-record.ts';
import type { BatchState, Messages, PutAnswer } from '../ports.ts';
import { batchKey, contentKey, failureKey, idempotencyKey, toItem } from './messages-table-codec.ts';
import { deleteItem, putItem, readItem, readRefused, SHOW_REFUSED } from './messages-table-item.ts';

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

/** Records that stand beside messages: content, idempotency and batch records, failures. */
export function createMessageRecords(client: DynamoDBClient, TableName: string): MessageRecords {
  const table = { client, TableName };
  return { ...createContents(table), ...createIdempotencyRecords(table), ...createBatchesAndFailures(table) };
}

const createContents = (table: Table): Pick<Messages, 'putContent' | 'getContent' | 'deleteContent'> => ({
  async putContent(messageId, content, expiresAtEpochSeconds) {
    const body = encodeContent(content);
    await putItem(table, toItem({ ...contentKey(messageId), body, expiresAtEpochSeconds }));
  },

  async getContent(messageId) {
    const row = await readItem(table, contentKey(messageId), true);
    return row && decodeContent(row.body as Uint8Array);
  },

  async deleteContent(messageId) {
    await deleteItem(table, contentKey(messageId));
  },
});

type IdempotencyRecords = Pick<
  Messages,
  'putIdempotencyRecordIfAbsent' | 'replaceIdempotencyRecord' | 'deleteIdempotencyRecord'
>;

const createIdempotencyRecords = (table: Table): IdempotencyRecords => ({
  putIdempotencyRecordIfAbsent: (tenant, key, record) => putIfAbsent(table, tenant, key, record),

  async replaceIdempotencyRecord(tenant, key, { dead, record }) {
    const replace = putItem(table, idempotencyItem(tenant, key, record), { ...ofRun(dead), ...SHOW_REFUSED });
    const answer = await conditional(replace);
    if (answer.kind === 'done') return true;
    // Our own put, repeated by the SDK because its reply was lost.
    const row = await readRefused(table, answer, idempotencyKey(tenant, key));
    return row !== undefined && runOf(idempotencyRow.parse(row)) === runOf(record);
  },

  async deleteIdempotencyRecord(tenant, key, run) {
    await conditional(deleteItem(table, idempotencyKey(tenant, key), ofRun(run)));
  },
});

async function putIfAbsent(
  table: Table,
  tenant: string,
  key: string,
  record: IdempotencyRecord,
): Promise<PutAnswer<IdempotencyRecord>> {
  const put = putItem(table, idempotencyItem(tenant, key, record), {
    ...ifAbsentFor(record),
    ...SHOW_REFUSED,
  });
  const answer = await conditional(put);
  if (answer.kind === 'done') return { kind: 'stored' };
  const row = await readRefused(table, answer, idempotencyKey(tenant, key));
  // Deleted between the refusal and the read: the request that held it has failed, and this one may try again.
  if (row === undefined) return putIfAbsent(table, tenant, key, record);
  return { kind: 'exists', existing: idempotencyRow.parse(row) };
}

function idempotencyItem(tenant: string, key: string, record: IdempotencyRecord) {
  const expiresAtEpochSeconds = Math.floor((record.createdAtEpochMs + IDEMPOTENCY_WINDOW_MS) / 1000) + 3600;
  return toItem({ ...idempotencyKey(tenant, key), ...record, expiresAtEpochSeconds });
}

/** A record that is too old counts as absent, whether or not DynamoDB has got round to deleting it. */
const ifAbsentFor = ({ createdAtEpochMs }: IdempotencyRecord) => ({
  ConditionExpression: 'attribute_not_exists(#item) OR #createdAt <= :tooOld',
  ExpressionAttributeNames: { '#item': 'item', '#createdAt': 'createdAtEpochMs' },
  ExpressionAttributeValues: marshall({ ':tooOld': createdAtEpochMs - IDEMPOTENCY_WINDOW_MS }),
});

const ofRun = (run: IdempotencyRun) => ({
  ConditionExpression: run.batchId === undefined ? '#id[0] = :run' : '#id = :run',
  ExpressionAttributeNames: { '#id': run.batchId === undefined ? 'messageIds' : 'batchId' },
  ExpressionAttributeValues: marshall({ ':run': runOf(run) }),
});

type BatchesAndFailures = Pick<Messages, 'getBatchState' | 'endBatch' | 'putFailureRecord'>;

const createBatchesAndFailures = (table: Table): BatchesAndFailures => ({
  getBatchState: async (batchId) => stateOf(await readItem(table, batchKey(batchId), true)),

  async endBatch(batchId, state, expiresAtEpochSeconds, scheduled) {
    const batch = toItem({ ...batchKey(batchId), state, scheduled, expiresAtEpochSeconds });
    const answer = await conditional(putItem(table, batch, { ...IF_ABSENT, ...SHOW_REFUSED }));
    if (answer.kind === 'done') return state;
    return stateOf(await readRefused(table, answer, batchKey(batchId))) ?? state;
  },

  async putFailureRecord({ recordId, ...failure }) {
    const expiresAtEpochSeconds = Math.floor(failure.failedAtEpochMs / 1000) + FAILURES_KEPT_SECONDS;
    await putItem(table, toItem({ ...failureKey(recordId), ...failure, expiresAtEpochSeconds }));
  },
});

const stateOf = (row: Record<string, unknown> | undefined): BatchState | undefined =>
  row && batchRow.parse(row).state;
