import { type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Suppressions } from '../domain/ports.ts';
import type { Suppression } from '../domain/suppression.ts';
import { LISTING_SUBJECT, toSuppression } from './suppressions-table-codec.ts';

const ITEMS_PER_PAGE = 100;

interface Listing {
  readonly client: DynamoDBClient;
  readonly TableName: string;
  /** The entry as it stands, undefined where the listing item has outlived it. */
  readonly current: (listed: Suppression) => Promise<Suppression | undefined>;
  readonly unlist: (suppressionId: string) => Promise<void>;
}

type PageRequest = Parameters<Suppressions['list']>[0];

/** Newest first; a page is filled before it is answered, whatever the filter leaves out. */
export async function listSuppressions(listing: Listing, page: PageRequest) {
  const isBackwards = page.before !== undefined;
  const found: Suppression[] = [];
  for await (const listed of queryListing(listing, page)) {
    const entries = await Promise.all(listed.map((each) => verify(listing, each)));
    found.push(...entries.filter((entry) => entry !== undefined).filter(hasOrigin(page.origin)));
    if (found.length > page.limit) break;
  }
  const shown = found.slice(0, page.limit);
  return {
    suppressions: isBackwards ? shown.toReversed() : shown,
    hasMore: found.length > page.limit,
  };
}

const hasOrigin = (origin: PageRequest['origin']) => (entry: Suppression) =>
  origin === undefined || entry.origin === origin;

/** What outlived its entry is not suppressed any more, and is taken off the list. */
async function verify({ current, unlist }: Listing, listed: Suppression): Promise<Suppression | undefined> {
  const entry = await current(listed);
  if (entry === undefined) await unlist(listed.suppressionId);
  return entry;
}

async function* queryListing({ client, TableName }: Listing, { limit, after, before, origin }: PageRequest) {
  const { condition, cursor } = rangeOf(after, before);
  const pages = paginateQuery(
    { client, pageSize: origin === undefined ? limit + 1 : ITEMS_PER_PAGE },
    {
      TableName,
      KeyConditionExpression: `#subject = :subject${condition}`,
      ExpressionAttributeNames: { '#subject': 'subject', ...(cursor && { '#item': 'item' }) },
      ExpressionAttributeValues: marshall({
        ':subject': LISTING_SUBJECT,
        ...(cursor && { ':cursor': cursor }),
      }),
      ScanIndexForward: before !== undefined,
      ConsistentRead: true,
    },
  );
  for await (const { Items } of pages) yield (Items ?? []).map((item) => toSuppression(unmarshall(item)));
}

/** Newest first, what is after a cursor is older than it. */
function rangeOf(after: string | undefined, before: string | undefined) {
  if (before !== undefined) return { condition: ' AND #item > :cursor', cursor: before };
  if (after !== undefined) return { condition: ' AND #item < :cursor', cursor: after };
  return { condition: '', cursor: undefined };
}
