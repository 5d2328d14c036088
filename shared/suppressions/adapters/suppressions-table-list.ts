import { paginateQuery } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Suppressions } from '../ports.ts';
import type { Suppression } from '../suppression.ts';
import type { SuppressionScope } from '../suppression-scope.ts';
import { toSuppression } from './suppressions-table-codec.ts';
import { deleteListing, type ListTable, readListed } from './suppressions-table-items.ts';

type PageRequest = Parameters<Suppressions['list']>[0];

/** Lists newest first; a page is filled before it is answered, however much the filter leaves out. */
export async function listSuppressions(list: ListTable, page: PageRequest) {
  const found: Suppression[] = [];
  for await (const listed of queryListing(list, page)) {
    const entries = await Promise.all(listed.map((each) => verify(list, each)));
    found.push(...entries.filter((entry) => entry !== undefined));
    if (found.length > page.limit) break;
  }
  const shown = found.slice(0, page.limit);
  return {
    suppressions: page.before === undefined ? shown : shown.toReversed(),
    hasMore: found.length > page.limit,
  };
}

/**
 * Verifies an entry of the list. One that outlived its suppression is not suppressed any more, and is taken
 * off the list.
 */
async function verify(list: ListTable, listed: Suppression): Promise<Suppression | undefined> {
  const entry = await readListed(list, listed);
  if (entry === undefined) await deleteListing(list, listed.suppressionId);
  return entry;
}

/** Queries in helpings of a page: with a filter, DynamoDB answers only what matches in a megabyte. */
async function* queryListing({ client, TableName, scope }: ListTable, page: PageRequest) {
  const size = page.limit + 1;
  const pages = paginateQuery(
    { client, ...(page.origin === undefined ? { pageSize: size } : {}) },
    { TableName, ...queryOf(scope, page), ScanIndexForward: page.before !== undefined, ConsistentRead: true },
  );
  for await (const { Items = [] } of pages) {
    for (let start = 0; start < Items.length; start += size) {
      yield Items.slice(start, start + size).map((item) => toSuppression(unmarshall(item)));
    }
  }
}

/** Query of a page. Newest first, what is after a cursor is older than it. */
function queryOf(scope: SuppressionScope, { after, before, origin }: PageRequest) {
  const cursor = before ?? after;
  const range = before === undefined ? ' AND #item < :cursor' : ' AND #item > :cursor';
  return {
    KeyConditionExpression: `#subject = :subject${cursor === undefined ? '' : range}`,
    ...(origin === undefined ? {} : { FilterExpression: '#origin = :origin' }),
    ExpressionAttributeNames: {
      '#subject': 'subject',
      ...(cursor === undefined ? {} : { '#item': 'item' }),
      ...(origin === undefined ? {} : { '#origin': 'origin' }),
    },
    ExpressionAttributeValues: marshall(
      { ':subject': scope, ':cursor': cursor, ':origin': origin },
      { removeUndefinedValues: true },
    ),
  };
}
