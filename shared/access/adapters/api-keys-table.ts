import {
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { catalogRows } from '../../base/adapters/catalog-rows.ts';
import { conditionHolds } from '../../base/adapters/dynamodb-errors.ts';
import type { Clock } from '../../base/ports.ts';
import { CATALOG_COLLECTIONS } from '../../resources.ts';
import type { ApiKeyRecord } from '../api-key.ts';
import type { ApiKeys } from '../ports.ts';

/**
 * Time that a key is cached. A deleted key is refused within 60 s, by every function; ten of them are for the
 * read itself.
 */
const CACHED_FOR_MS = 50_000;

const collection = CATALOG_COLLECTIONS.apiKeys;

const apiKeyRow = z.object({
  item: z.string(),
  tenant: z.string(),
  permission: z.enum(['full_access', 'sending_access']),
  domain: z.exactOptional(z.string()),
  stream: z.exactOptional(z.string()),
  name: z.string(),
  tokenHash: z.string(),
  createdAt: z.string(),
});

interface ApiKeysTableOptions {
  readonly client: DynamoDBClient;
  /** The catalog. */
  readonly tableName: string;
  readonly clock: Clock;
}

/** API keys in the catalog, one item each. Only ids of tokens that we signed are looked up, so the cache stays small. */
export function createApiKeysTable({ client, tableName: TableName, clock }: ApiKeysTableOptions): ApiKeys {
  const cache = new Map<
    string,
    { readonly record: ApiKeyRecord | undefined; readonly readAtEpochMs: number }
  >();

  return {
    async find(apiKeyId) {
      const nowEpochMs = clock.nowEpochMs();
      const known = cache.get(apiKeyId);
      if (known !== undefined && Math.abs(nowEpochMs - known.readAtEpochMs) < CACHED_FOR_MS)
        return known.record;
      const record = await readRecord(client, TableName, apiKeyId);
      cache.set(apiKeyId, { record, readAtEpochMs: nowEpochMs });
      return record;
    },

    async list(tenant) {
      return (await queryRecords(client, TableName)).filter((record) => record.tenant === tenant);
    },

    async put(record) {
      await client.send(new PutItemCommand({ TableName, Item: fromRecord(record) }));
      cache.delete(record.apiKeyId);
    },

    async rename(tenant, apiKeyId, name) {
      const update = new UpdateItemCommand({
        TableName,
        Key: marshall(keyOf(apiKeyId)),
        ...ownedBy(tenant, { '#name': 'name' }, { ':name': name }),
        UpdateExpression: 'SET #name = :name',
      });
      cache.delete(apiKeyId);
      return conditionHolds(client.send(update));
    },

    async delete(tenant, apiKeyId) {
      const remove = new DeleteItemCommand({ TableName, Key: marshall(keyOf(apiKeyId)), ...ownedBy(tenant) });
      cache.delete(apiKeyId);
      return conditionHolds(client.send(remove));
    },
  };
}

const keyOf = (apiKeyId: string) => ({ collection, item: apiKeyId });

function ownedBy(tenant: string, names: Record<string, string> = {}, values: Record<string, string> = {}) {
  return {
    ConditionExpression: '#tenant = :tenant',
    ExpressionAttributeNames: { '#tenant': 'tenant', ...names },
    ExpressionAttributeValues: marshall({ ':tenant': tenant, ...values }),
  };
}

/** Reads consistently: a key that was just made must not be remembered as unknown. */
async function readRecord(
  client: DynamoDBClient,
  TableName: string,
  apiKeyId: string,
): Promise<ApiKeyRecord | undefined> {
  const Key = marshall(keyOf(apiKeyId));
  const { Item } = await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
  return Item && toRecord(unmarshall(Item));
}

/** Queries newest first: ids are UUIDv7. */
async function queryRecords(client: DynamoDBClient, TableName: string): Promise<readonly ApiKeyRecord[]> {
  const order = { ConsistentRead: true, ScanIndexForward: false };
  return (await catalogRows(client, TableName, collection, order)).map(toRecord);
}

function toRecord(row: Record<string, unknown>): ApiKeyRecord {
  const { item, ...rest } = apiKeyRow.parse(row);
  return { apiKeyId: item, ...rest };
}

function fromRecord({ apiKeyId, ...rest }: ApiKeyRecord) {
  return marshall({ ...keyOf(apiKeyId), ...rest }, { removeUndefinedValues: true });
}
