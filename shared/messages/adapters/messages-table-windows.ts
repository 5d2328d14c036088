import { type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { dayOf } from '../../base/days.ts';
import { defined } from '../../base/defined.ts';
import type { Fact } from '../delivery-event.ts';
import type { Message } from '../message.ts';
import { bucketName, createdAtEpochMsOf, lowestIdAt, SHARD_COUNT } from '../message-bucket.ts';
import type { Messages } from '../ports.ts';
import type { MessageDays } from './message-days.ts';
import { isMessageRow, keyOf, messageIdOf, toFact, toMessage } from './messages-table-codec.ts';

interface Entry {
  readonly message: Message;
  readonly facts: readonly Fact[];
}

/** Part of the sort keys of a bucket, as a key condition. */
interface Range {
  readonly condition: string;
  readonly values: Readonly<Record<string, string>>;
  readonly newestFirst: boolean;
}

type Row = Record<string, unknown>;

const FIRST_DAY = '0000-00-00';
const LAST_DAY = '9999-99-99';
/**
 * Rows and facts that a shard is asked for at once: a page of 20 mails needs about three items of each of 32
 * shards.
 */
const ITEMS_PER_PAGE = 40;

/** Messages by time: the shards of a day, each in order, merged. */
export function createMessageWindows(
  client: DynamoDBClient,
  TableName: string,
  days: MessageDays,
): Pick<Messages, 'listMessages' | 'queryWindow'> {
  const readShard = (bucket: string, range: Range, pageSize: number | undefined) =>
    groupByMessage(readItems(client, TableName, bucket, range, pageSize));

  const readDay = (tenant: string, day: string, range: Range, pageSize?: number) => {
    const shards = Array.from({ length: SHARD_COUNT }, (_, shard) =>
      readShard(bucketName(tenant, day, shard), range, pageSize),
    );
    return mergeById(shards, range.newestFirst);
  };

  async function* readDays(tenant: string, newestFirst: readonly string[], range: Range, pageSize?: number) {
    const inOrder = range.newestFirst ? newestFirst : newestFirst.toReversed();
    for (const day of inOrder) yield* readDay(tenant, day, range, pageSize);
  }

  return {
    async listMessages(tenant, { limit, after, before }) {
      const range = pageRange(after, before);
      const known = await days.list(tenant, ...dayBounds(after, before));
      const found: Entry[] = [];
      for await (const entry of readDays(tenant, known, range, ITEMS_PER_PAGE)) {
        if (found.push(entry) > limit) break;
      }
      const page = found.slice(0, limit);
      return { messages: range.newestFirst ? page : page.toReversed(), hasMore: found.length > limit };
    },

    async *queryWindow(tenant, { fromEpochMs, toEpochMs }) {
      const known = await days.list(tenant, dayOf(Math.max(0, fromEpochMs)), dayOf(toEpochMs));
      yield* readDays(tenant, known, {
        condition: '#item BETWEEN :lowest AND :highest',
        values: { ':lowest': lowestIdAt(fromEpochMs), ':highest': lowestIdAt(toEpochMs) },
        newestFirst: false,
      });
    },
  };
}

/**
 * Range of a page. Newest first, what is after a cursor is older than it. `~` sorts above the facts of the
 * cursor's own message.
 */
function pageRange(after: string | undefined, before: string | undefined): Range {
  if (before !== undefined) {
    return { condition: '#item > :before', values: { ':before': `${before}~` }, newestFirst: false };
  }
  return { condition: '#item < :after', values: { ':after': after ?? '~' }, newestFirst: true };
}

function dayBounds(after: string | undefined, before: string | undefined): [from: string, to: string] {
  if (before !== undefined) return [dayOf(createdAtEpochMsOf(before)), LAST_DAY];
  return [FIRST_DAY, after === undefined ? LAST_DAY : dayOf(createdAtEpochMsOf(after))];
}

async function* readItems(
  client: DynamoDBClient,
  TableName: string,
  bucket: string,
  { condition, values, newestFirst }: Range,
  pageSize: number | undefined,
): AsyncGenerator<Row> {
  const pages = paginateQuery(
    { client, ...defined({ pageSize }) },
    {
      TableName,
      KeyConditionExpression: `#bucket = :bucket AND ${condition}`,
      ExpressionAttributeNames: { '#bucket': 'bucket', '#item': 'item' },
      ExpressionAttributeValues: marshall({ ':bucket': bucket, ...values }),
      ScanIndexForward: !newestFirst,
    },
  );
  for await (const page of pages) yield* (page.Items ?? []).map((item) => unmarshall(item));
}

/**
 * Groups items by message. Those of one message stand together, its row before its facts or, newest first,
 * after them.
 */
async function* groupByMessage(rows: AsyncIterable<Row>): AsyncGenerator<Entry> {
  let group: Row[] = [];
  for await (const row of rows) {
    const isSame = group[0] !== undefined && idOf(group[0]) === idOf(row);
    if (!isSame) yield* toEntry(group);
    group = isSame ? [...group, row] : [row];
  }
  yield* toEntry(group);
}

/**
 * Makes an entry of a group. Facts can outlive their row by the time that DynamoDB takes to expire items;
 * alone they are no message.
 */
function toEntry(group: readonly Row[]): readonly Entry[] {
  const row = group.find(isMessageRow);
  if (row === undefined) return [];
  return [{ message: toMessage(row), facts: group.filter((each) => each !== row).map(toFact) }];
}

async function* mergeById(
  shards: readonly AsyncGenerator<Entry>[],
  newestFirst: boolean,
): AsyncGenerator<Entry> {
  const heads = await Promise.all(shards.map((shard) => shard.next()));
  for (;;) {
    const next = nextOf(heads, newestFirst);
    if (next === undefined) return;
    const head = heads[next];
    if (head?.done === false) yield head.value;
    const shard = shards[next];
    if (shard !== undefined) heads[next] = await shard.next();
  }
}

function nextOf(heads: readonly IteratorResult<Entry>[], newestFirst: boolean): number | undefined {
  let best: number | undefined;
  let bestId = '';
  for (const [index, head] of heads.entries()) {
    if (head.done) continue;
    const id = head.value.message.messageId;
    if (best === undefined || (newestFirst ? id > bestId : id < bestId)) {
      best = index;
      bestId = id;
    }
  }
  return best;
}

const idOf = (row: Row): string => messageIdOf(keyOf(row).item);
