import {
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { catalogRows, collectionQuery } from '../../base/adapters/catalog-rows.ts';
import { conditional, conditionHolds } from '../../base/adapters/dynamodb-errors.ts';
import { CATALOG_COLLECTIONS } from '../../resources.ts';
import type { DomainChanges, DomainPages, Domains } from '../ports.ts';
import type { SendingDomain } from '../sending-domain.ts';
import { domainKey, fromDomain, toDomain } from './domains-table-codec.ts';

export interface DomainsTableOptions {
  readonly client: DynamoDBClient;
  /** The catalog. */
  readonly tableName: string;
}

/** Sending domains in the catalog: an item each, and one for the owner of the name. */
export function createDomainsTable({ client, tableName: TableName }: DomainsTableOptions): Domains {
  const get = (owner: string, domainId: string) => readDomain(client, TableName, owner, domainId);

  return {
    get,

    async list(owner) {
      const range = { prefix: `${owner}#`, ConsistentRead: true };
      const rows = await catalogRows(client, TableName, CATALOG_COLLECTIONS.domains, range);
      return rows.map(toDomain).sort((one, other) => (one.createdAt < other.createdAt ? 1 : -1));
    },

    async claimName(domainId, owner) {
      const Key = marshall(nameKey(domainId));
      const Item = marshall({ ...nameKey(domainId), owner });
      const put = new PutItemCommand({ TableName, Item, ...ABSENT });
      if (await conditionHolds(client.send(put))) return owner;
      const { Item: held } = await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
      return held === undefined ? owner : String(unmarshall(held).owner);
    },

    async putIfAbsent(domain) {
      const put = new PutItemCommand({ TableName, Item: fromDomain(domain), ...ABSENT });
      if (await conditionHolds(client.send(put))) return domain;
      return (await get(domain.owner, domain.domainId)) ?? domain;
    },

    async update({ owner, domainId }, changes) {
      const update = new UpdateItemCommand({
        TableName,
        Key: marshall(domainKey(owner, domainId)),
        ...toUpdate(changes),
        ReturnValues: 'ALL_NEW',
      });
      const answer = await conditional(client.send(update));
      const row = answer.kind === 'done' ? answer.output.Attributes : undefined;
      return row && toDomain(unmarshall(row));
    },

    async delete(owner, domainId) {
      for (const key of [domainKey(owner, domainId), nameKey(domainId)])
        await client.send(new DeleteItemCommand({ TableName, Key: marshall(key) }));
    },
  };
}

/** Pages for the sweep: all owners' domains, a stretch at a time, eventually consistent. */
export function createDomainPages({ client, tableName: TableName }: DomainsTableOptions): DomainPages {
  return {
    async page(after, Limit) {
      const query = new QueryCommand({
        TableName,
        ...collectionQuery(CATALOG_COLLECTIONS.domains),
        Limit,
        ...(after && { ExclusiveStartKey: marshall(domainKey(after.owner, after.domainId)) }),
      });
      const { Items = [], LastEvaluatedKey } = await client.send(query);
      return {
        domains: Items.map((item) => toDomain(unmarshall(item))),
        isLast: LastEvaluatedKey === undefined,
      };
    },
  };
}

/** Reads a domain for accepting mail, at half the price of a consistent read. */
export async function readDomain(
  client: DynamoDBClient,
  TableName: string,
  owner: string,
  domainId: string,
  ConsistentRead = true,
): Promise<SendingDomain | undefined> {
  const Key = marshall(domainKey(owner, domainId));
  const { Item } = await client.send(new GetItemCommand({ TableName, Key, ConsistentRead }));
  return Item && toDomain(unmarshall(Item));
}

const ABSENT = {
  ConditionExpression: 'attribute_not_exists(#collection)',
  ExpressionAttributeNames: { '#collection': 'collection' },
};

const nameKey = (domainId: string) => ({ collection: CATALOG_COLLECTIONS.domainNames, item: domainId });

function toUpdate({ identity, ...changes }: DomainChanges) {
  const set = Object.entries({ ...changes, ...(identity ? { identity } : {}) });
  const names = [...set.map(([name]) => name), ...(identity === null ? ['identity'] : [])];
  const assignments = set.map(([name]) => `#${name} = :${name}`).join(', ');
  return {
    ConditionExpression: 'attribute_exists(#collection)',
    UpdateExpression: `SET ${assignments}${identity === null ? ' REMOVE #identity' : ''}`,
    ExpressionAttributeNames: Object.fromEntries(['collection', ...names].map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: marshall(Object.fromEntries(set.map(([name, value]) => [`:${name}`, value])), {
      removeUndefinedValues: true,
    }),
  };
}
