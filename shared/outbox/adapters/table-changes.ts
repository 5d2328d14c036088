import type { AttributeValue as ModelValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { AttributeValue, DynamoDBRecord } from 'aws-lambda';
import * as z from 'zod/mini';
import { toDomain } from '../../domains/adapters/domains-table-codec.ts';
import {
  isMessageRow,
  keyOf,
  tenantOfBucket,
  toFact,
  toMessage,
} from '../../messages/adapters/messages-table-codec.ts';
import { CATALOG_COLLECTIONS } from '../../resources.ts';
import { scopeOfEntry, toSuppression } from '../../suppressions/adapters/suppressions-table-codec.ts';
import type { StoredChange } from '../stored-change.ts';

export interface StreamedTables {
  readonly messagesTableName: string;
  readonly suppressionsTableName: string;
  readonly catalogTableName: string;
}

type Row = Record<string, unknown>;

interface Images {
  readonly before: Row | undefined;
  readonly after: Row | undefined;
}

type Change = StoredChange extends infer Each
  ? Each extends unknown
    ? Omit<Each, 'recordedAtEpochMs'>
    : never
  : never;

/** The items of a table's stream, in our words. */
export type ReadChange = (record: DynamoDBRecord) => StoredChange;

/**
 * @returns a reader of records; it throws for an item that is not what this version writes
 */
export function createChangeReader(tables: StreamedTables): ReadChange {
  const readers = new Map<string, (images: Images) => Change>([
    [tables.messagesTableName, readMessages],
    [tables.suppressionsTableName, readSuppressions],
    [tables.catalogTableName, readCatalog],
  ]);

  return ({ eventSourceARN = '', dynamodb = {} }) => {
    const { NewImage, OldImage, ApproximateCreationDateTime = 0 } = dynamodb;
    const read = readers.get(tableNameOf(eventSourceARN)) ?? (() => OTHER);
    const change = read({ before: rowOf(OldImage), after: rowOf(NewImage) });
    return { ...change, recordedAtEpochMs: ApproximateCreationDateTime * 1000 } as StoredChange;
  };
}

const OTHER = { kind: 'other' } as const;

/** `arn:aws:dynamodb:<region>:<account>:table/<name>/stream/<label>` */
const tableNameOf = (arn: string): string => arn.split('/')[1] ?? '';

/** Lambda hands binary values over as base64; nothing that is read here is binary. */
const rowOf = (image: { [key: string]: AttributeValue } | undefined): Row | undefined =>
  image && unmarshall(image as Record<string, ModelValue>);

const batchRecord = z.object({
  state: z.literal('committed'),
  scheduled: z.object({ tenant: z.string(), messageIds: z.array(z.string()) }),
});

/** What is removed from the messages table has expired, or was never accepted. */
function readMessages({ before, after }: Images): Change {
  if (after === undefined) return OTHER;
  const { bucket } = keyOf(after);
  if (bucket.startsWith('batch#')) {
    const batch = batchRecord.safeParse(after);
    return batch.success ? { kind: 'batch-committed', ...batch.data.scheduled } : OTHER;
  }
  if (typeof after.kind === 'string') {
    return { kind: 'fact', tenant: tenantOfBucket(bucket), fact: toFact(after) };
  }
  if (typeof after.status !== 'string' || !isMessageRow(after)) return OTHER;
  const isRow = before !== undefined && isMessageRow(before);
  return { kind: 'message', before: isRow ? toMessage(before) : undefined, after: toMessage(after) };
}

/** The entry by address is the truth; the listing item only follows it. */
function readSuppressions({ before, after }: Images): Change {
  const { subject, item } = (after ?? before ?? {}) as { subject?: string; item?: string };
  if (item !== 'entry' || subject === undefined) return OTHER;
  return {
    kind: 'suppression',
    scope: scopeOfEntry(subject),
    before: before && toSuppression(before),
    after: after && toSuppression(after),
  };
}

function readCatalog({ before, after }: Images): Change {
  if ((after ?? before)?.collection !== CATALOG_COLLECTIONS.domains) return OTHER;
  return { kind: 'domain', before: before && toDomain(before), after: after && toDomain(after) };
}
