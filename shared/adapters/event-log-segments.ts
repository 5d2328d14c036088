import {
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { decodeSegment } from '../contract/segment-codec.ts';
import type { SegmentHead } from '../domain/event-lanes.ts';
import type { PublishedEvent } from '../domain/published-event.ts';
import { conditional } from './dynamodb-errors.ts';

/** A segment as it is stored; immutable. */
export interface Segment extends SegmentHead {
  /** The highest time of storing among the facts of this segment and of all before it in its lane. */
  readonly newestRecordAtEpochMs: number;
  readonly expiresAtEpochSeconds: number;
  readonly body: Uint8Array;
  /** New for every try to append: it tells our own segment from somebody else's. */
  readonly writerId: string;
}

const segmentRow = z.object({
  item: z.string(),
  atEpochMs: z.number(),
  newestRecordAtEpochMs: z.number(),
  expiresAtEpochSeconds: z.number(),
  body: z.instanceof(Uint8Array),
  writerId: z.string(),
});
const beginningRow = z.object({ beganAtEpochMs: z.number() });

/** A lane's first number is the time at which it began, in epoch milliseconds: numbers never come a second time. */
const NUMBER_DIGITS = 15;

export interface SegmentQuery {
  /** The first number that may be answered, or the last where it goes backwards. */
  readonly from?: number;
  readonly backwards?: boolean;
  readonly limit: number;
}

export interface LaneSegments {
  /** Strongly consistent, in order of their numbers; at most 1 MB of them at once. */
  query(query: SegmentQuery): Promise<{ readonly segments: readonly Segment[]; readonly hasMore: boolean }>;
  get(number: number): Promise<Segment | undefined>;
  /** The segment that has this number now: ours, or that of whoever was faster. */
  putIfAbsent(segment: Segment): Promise<Segment>;
  /**
   * The number that a lane without segments begins with, the same for all who ask.
   * @param notBefore a beginning before it is one of a lane whose segments have all expired since
   */
  begin(nowEpochMs: number, notBefore: number): Promise<number>;
}

export type EventLogSegments = (tenant: string, lane: number) => LaneSegments;

/** The items of the log: one bucket for each lane of a tenant, one item for each segment. */
export function createEventLogSegments(client: DynamoDBClient, TableName: string): EventLogSegments {
  return (tenant, lane) => {
    const bucket = `log#${tenant}#${lane}`;
    const beginning = { bucket: `log#${tenant}`, item: `lane#${lane}` };
    const read = async (key: Key) => {
      const get = new GetItemCommand({ TableName, Key: marshall(key), ConsistentRead: true });
      const { Item } = await client.send(get);
      return Item && unmarshall(Item);
    };
    const get = async (number: number): Promise<Segment | undefined> => {
      const row = await read({ bucket, item: itemOf(number) });
      return row && toSegment(row, lane);
    };
    const beganAt = async (): Promise<number | undefined> => {
      const row = await read(beginning);
      return row && beginningRow.parse(row).beganAtEpochMs;
    };

    return {
      get,

      async query({ from, backwards = false, limit }) {
        const query = new QueryCommand({
          ...{ TableName, ConsistentRead: true, ScanIndexForward: !backwards, Limit: limit },
          ...keyCondition(bucket, from, backwards),
        });
        const { Items = [], LastEvaluatedKey } = await client.send(query);
        const segments = Items.map((item) => toSegment(unmarshall(item), lane));
        return { segments, hasMore: LastEvaluatedKey !== undefined };
      },

      async putIfAbsent(segment) {
        const { lane: _lane, number, ...values } = segment;
        const put = new PutItemCommand({
          TableName,
          Item: marshall({ bucket, item: itemOf(number), ...values }),
          ...ABSENT,
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        });
        const answer = await conditional(client.send(put));
        if (answer.kind === 'done') return segment;
        const winner = answer.item === undefined ? await get(number) : toSegment(answer.item, lane);
        if (winner === undefined) throw new SegmentGoneError(`segment ${number} of ${bucket}`);
        return winner;
      },

      async begin(nowEpochMs, notBefore) {
        const known = await beganAt();
        if (known !== undefined && known >= notBefore) return known;
        const put = new PutItemCommand({
          TableName,
          Item: marshall({ ...beginning, beganAtEpochMs: nowEpochMs }),
          ...(known === undefined ? ABSENT : stillAt(known)),
        });
        if ((await conditional(client.send(put))).kind === 'done') return nowEpochMs;
        return (await beganAt()) ?? nowEpochMs;
      },
    };
  };
}

/** It was there a moment ago, and segments are kept for weeks. */
export class SegmentGoneError extends Error {
  override readonly name = 'SegmentGoneError';
  readonly permanent = false;
}

export const eventsIn = ({ body }: Segment, tenant: string): readonly PublishedEvent[] =>
  decodeSegment(body, tenant);

interface Key {
  readonly bucket: string;
  readonly item: string;
}

const itemOf = (number: number): string => String(number).padStart(NUMBER_DIGITS, '0');

const ABSENT = {
  ConditionExpression: 'attribute_not_exists(#item)',
  ExpressionAttributeNames: { '#item': 'item' },
};

const stillAt = (beganAtEpochMs: number) => ({
  ConditionExpression: '#began = :began',
  ExpressionAttributeNames: { '#began': 'beganAtEpochMs' },
  ExpressionAttributeValues: marshall({ ':began': beganAtEpochMs }),
});

function keyCondition(
  bucket: string,
  from: number | undefined,
  backwards: boolean,
): Pick<
  QueryCommandInput,
  'KeyConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
> {
  const isBounded = from !== undefined;
  return {
    KeyConditionExpression: `#bucket = :bucket${isBounded ? ` AND #item ${backwards ? '<=' : '>='} :from` : ''}`,
    ExpressionAttributeNames: { '#bucket': 'bucket', ...(isBounded && { '#item': 'item' }) },
    ExpressionAttributeValues: marshall({ ':bucket': bucket, ...(isBounded && { ':from': itemOf(from) }) }),
  };
}

function toSegment(row: Record<string, unknown>, lane: number): Segment {
  const { item, ...values } = segmentRow.parse(row);
  return { lane, number: Number(item), ...values };
}
