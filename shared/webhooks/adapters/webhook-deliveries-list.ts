import { type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { defined } from '../../base/defined.ts';
import type { Clock } from '../../base/ports.ts';
import type { WebhookDelivery } from '../ports.ts';
import { uniteDeliveries } from '../webhook-delivery.ts';
import { bucketOf, secondOfItem, toDeliveries } from './webhook-deliveries-codec.ts';

interface Listing {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly clock: Clock;
}

interface Range {
  readonly webhookId: string;
  /** The one second to read. */
  readonly second?: string;
  /** The last second to read, with all before it. */
  readonly upToSecond?: string;
}

type Row = Record<string, unknown>;

/**
 * Reads, for each second that has any, its deliveries: newest first, each event once. A second is whole
 * before it is given: where an event is in several items, one of them may have the success and another the
 * failures.
 */
export async function* readSeconds(
  listing: Listing,
  range: Range,
  pageSize?: number,
): AsyncGenerator<readonly WebhookDelivery[]> {
  let rows: Row[] = [];
  for await (const row of readRows(listing, range, pageSize)) {
    const [first] = rows;
    if (first !== undefined && secondOfItem(first) !== secondOfItem(row)) {
      yield uniteRows(rows);
      rows = [];
    }
    rows.push(row);
  }
  if (rows.length > 0) yield uniteRows(rows);
}

function uniteRows(rows: readonly Row[]): readonly WebhookDelivery[] {
  const byId = new Map<string, WebhookDelivery>();
  for (const delivery of rows.flatMap(toDeliveries)) {
    const known = byId.get(delivery.eventId);
    byId.set(delivery.eventId, known === undefined ? delivery : uniteDeliveries(known, delivery));
  }
  return [...byId.values()].sort((one, other) => (one.eventId < other.eventId ? 1 : -1));
}

/** Reads rows, latest second first, without those that have expired and only wait to be removed. */
async function* readRows(
  { client, tableName, clock }: Listing,
  range: Range,
  pageSize: number | undefined,
): AsyncGenerator<Row> {
  const pages = paginateQuery(
    { client, ...defined({ pageSize }) },
    { TableName: tableName, ...queryOf(range), ScanIndexForward: false, ConsistentRead: true },
  );
  for await (const { Items = [] } of pages) {
    const rows = Items.map((item): Row => unmarshall(item));
    yield* rows.filter((row) => Number(row.expiresAtEpochSeconds) * 1000 > clock.nowEpochMs());
  }
}

/** Query of a range. `$` follows `#`, which is behind the second of every item. */
function queryOf({ webhookId, second, upToSecond }: Range) {
  const bound = second ?? upToSecond;
  const condition = second === undefined ? '#item < :bound' : 'begins_with(#item, :bound)';
  return {
    KeyConditionExpression: `#bucket = :bucket${bound === undefined ? '' : ` AND ${condition}`}`,
    ExpressionAttributeNames: { '#bucket': 'bucket', ...(bound === undefined ? {} : { '#item': 'item' }) },
    ExpressionAttributeValues: marshall({
      ':bucket': bucketOf(webhookId),
      ...(bound === undefined ? {} : { ':bound': `${bound}${second === undefined ? '$' : '#'}` }),
    }),
  };
}
