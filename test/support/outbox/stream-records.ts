import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { fromDomain } from '../../../shared/domains/adapters/domains-table-codec.ts';
import type { SendingDomain } from '../../../shared/domains/sending-domain.ts';
import {
  batchKey,
  fromFact,
  fromMessage,
  toItem,
} from '../../../shared/messages/adapters/messages-table-codec.ts';
import type { Fact } from '../../../shared/messages/delivery-event.ts';
import type { Message } from '../../../shared/messages/message.ts';
import { fromEntry } from '../../../shared/suppressions/adapters/suppressions-table-codec.ts';
import type { Suppression } from '../../../shared/suppressions/suppression.ts';

type Item = Record<string, AttributeValue>;

export const TABLES = {
  messagesTableName: 'messages',
  suppressionsTableName: 'suppressions',
  catalogTableName: 'catalog',
} as const;

interface Images {
  readonly before?: Item | undefined;
  readonly after?: Item | undefined;
}

let sequence = 0;

/** A record as Lambda hands it over, of a write at this second. */
export function aStreamRecord(table: string, { before, after }: Images, atEpochMs: number): DynamoDBRecord {
  sequence += 1;
  const [key = {}] = [after ?? before].map((item) => item && keysOf(item));
  return {
    eventID: `event-${sequence}`,
    eventName: before === undefined ? 'INSERT' : after === undefined ? 'REMOVE' : 'MODIFY',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: 'us-east-1',
    eventSourceARN: `arn:aws:dynamodb:us-east-1:000000000000:table/${table}/stream/2026-11-23T00:00:00.000`,
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(atEpochMs / 1000),
      Keys: key as never,
      ...(after === undefined ? {} : { NewImage: after as never }),
      ...(before === undefined ? {} : { OldImage: before as never }),
      SequenceNumber: String(sequence).padStart(21, '0'),
      SizeBytes: 100,
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    },
  };
}

const keysOf = (item: Item) =>
  Object.fromEntries(
    ['bucket', 'subject', 'collection', 'item'].flatMap((name) => (item[name] ? [[name, item[name]]] : [])),
  );

export const rowRecord = (before: Message | undefined, after: Message, atEpochMs: number) =>
  aStreamRecord(
    TABLES.messagesTableName,
    { before: before && fromMessage(before), after: fromMessage(after) },
    atEpochMs,
  );

export const factRecord = (fact: Fact, atEpochMs: number, tenant = 'default') =>
  aStreamRecord(TABLES.messagesTableName, { after: fromFact(tenant, fact, 2_000_000_000) }, atEpochMs);

export const batchRecord = (batchId: string, scheduled: object | undefined, atEpochMs: number) =>
  aStreamRecord(
    TABLES.messagesTableName,
    { after: toItem({ ...batchKey(batchId), state: 'committed', scheduled }) },
    atEpochMs,
  );

export const suppressionRecord = (
  scope: string,
  { before, after }: { before?: Suppression; after?: Suppression },
  atEpochMs: number,
) =>
  aStreamRecord(
    TABLES.suppressionsTableName,
    { before: before && fromEntry(scope, before), after: after && fromEntry(scope, after) },
    atEpochMs,
  );

export const domainRecord = (
  { before, after }: { before?: SendingDomain; after?: SendingDomain },
  atEpochMs: number,
) =>
  aStreamRecord(
    TABLES.catalogTableName,
    { before: before && fromDomain(before), after: after && fromDomain(after) },
    atEpochMs,
  );

/** An item of another kind in a table that is read. */
export const otherRecord = (table: string, item: object, atEpochMs: number) =>
  aStreamRecord(table, { after: toItem(item) }, atEpochMs);
