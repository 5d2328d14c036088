import { isDeepStrictEqual } from 'node:util';
import { type Item, itemSize } from '../item-size.ts';

/** An item before and after a write; undefined where there was none. */
export interface ItemChange {
  readonly keys: Item;
  readonly before: Item | undefined;
  readonly after: Item | undefined;
  /** True if the time to live deleted it. */
  readonly isExpiry?: boolean;
}

export const STREAM_VIEW_TYPES = ['NEW_AND_OLD_IMAGES', 'NEW_IMAGE', 'OLD_IMAGE', 'KEYS_ONLY'] as const;
export type StreamViewType = (typeof STREAM_VIEW_TYPES)[number];

interface RecordPlace {
  readonly region: string;
  readonly viewType: StreamViewType;
  readonly sequenceNumber: string;
  readonly eventId: string;
  readonly nowMs: number;
}

/**
 * The record of a change; undefined where the write left the item as it was.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html
 */
export function toTableStreamRecord(change: ItemChange, place: RecordPlace): TableStreamRecord | undefined {
  const eventName = nameOf(change);
  if (eventName === undefined) return undefined;
  const images = imagesOf(change, place.viewType);
  return {
    ...{ eventID: place.eventId, eventName, eventVersion: '1.1' },
    ...{ eventSource: 'aws:dynamodb', awsRegion: place.region },
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(place.nowMs / 1000),
      Keys: change.keys,
      ...images,
      SequenceNumber: place.sequenceNumber,
      SizeBytes: [change.keys, ...Object.values(images)].reduce((sum, item) => sum + itemSize(item), 0),
      StreamViewType: place.viewType,
    },
    ...(change.isExpiry && { userIdentity: TIME_TO_LIVE }),
  };
}

const TIME_TO_LIVE = { type: 'Service', principalId: 'dynamodb.amazonaws.com' } as const;

function nameOf({ before, after }: ItemChange): TableStreamRecord['eventName'] | undefined {
  if (after === undefined) return before === undefined ? undefined : 'REMOVE';
  if (before === undefined) return 'INSERT';
  return isDeepStrictEqual(withOrderedSets(before), withOrderedSets(after)) ? undefined : 'MODIFY';
}

function imagesOf({ before, after }: ItemChange, viewType: StreamViewType): Readonly<Record<string, Item>> {
  const hasNew = viewType === 'NEW_IMAGE' || viewType === 'NEW_AND_OLD_IMAGES';
  const hasOld = viewType === 'OLD_IMAGE' || viewType === 'NEW_AND_OLD_IMAGES';
  return {
    ...(hasNew && after !== undefined && { NewImage: after }),
    ...(hasOld && before !== undefined && { OldImage: before }),
  };
}

/** The elements of a set have no order of their own. */
function withOrderedSets(item: Item): Item {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, orderSet(value)]));
}

function orderSet(value: unknown): unknown {
  const [type = '', content] = Object.entries(value ?? {})[0] ?? [];
  return /^[SNB]S$/.test(type) ? { [type]: [...(content as string[])].sort() } : value;
}

type Attributes = Readonly<Record<string, unknown>>;

/** One change of an item, as GetRecords of DynamoDB Streams and Lambda spell it. */
export interface TableStreamRecord {
  /** Unique id of the record. */
  readonly eventID: string;
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly eventVersion: string;
  readonly eventSource: 'aws:dynamodb';
  readonly awsRegion: string;
  readonly dynamodb: {
    /** Epoch seconds. */
    readonly ApproximateCreationDateTime: number;
    readonly Keys: Attributes;
    readonly NewImage?: Attributes;
    readonly OldImage?: Attributes;
    /** Number that grows from record to record, with as many digits in every one. */
    readonly SequenceNumber: string;
    readonly SizeBytes: number;
    readonly StreamViewType: string;
  };
  /** Identity of DynamoDB, if the time to live deleted the item. */
  readonly userIdentity?: { readonly type: 'Service'; readonly principalId: 'dynamodb.amazonaws.com' };
}

/**
 * Records that wait in the streams of the template's tables, seen past the gateway. A stream is named by its
 * ARN.
 */
export interface TableStreamReader {
  shardIds(streamArn: string): readonly string[];
  /** Records of a shard that come after a sequence number, the oldest first; `''` comes before all. */
  recordsAfter(streamArn: string, shardId: string, sequenceNumber: string): readonly TableStreamRecord[];
  /** The last sequence number that was given out; `''` where there was none. */
  latest(streamArn: string): string;
  /** Drops what every reader of a shard has passed, the sequence number included. */
  forget(streamArn: string, shardId: string, sequenceNumber: string): void;
}

/** Time that DynamoDB keeps the records of a stream. */
export const STREAM_RETENTION_MS = 24 * 60 * 60 * 1000;

export const ageMs = ({ dynamodb }: TableStreamRecord, nowMs: number): number =>
  nowMs - dynamodb.ApproximateCreationDateTime * 1000;
