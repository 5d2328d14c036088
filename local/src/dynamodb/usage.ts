import { isDeepStrictEqual } from 'node:util';
import type { BilledUnits } from '../gateway/metering/units.ts';
import { asList, asRecord, type Json, sum } from '../host/json.ts';
import { type IndexShape, indexWriteUnits, WRITE_BYTES } from './index-writes.ts';
import { type Item, itemSize } from './item-size.ts';

/** Items touched by the request, in its order; undefined where there was none. */
type Items = readonly (Item | undefined)[];

export interface DynamodbCall {
  readonly operation: string;
  readonly request: unknown;
  readonly response: unknown;
  readonly status: number;
  /** Items as they were: one per key of the request; for a filtered or projected Query or Scan all it read. */
  readonly before?: Items | undefined;
  /** Items as they are after a write. */
  readonly after?: Items | undefined;
  /** Secondary indexes of a table; none where absent. */
  readonly indexesOf?: ((tableName: string) => readonly IndexShape[]) | undefined;
}

const READ_BYTES = 4096;

const MEASURES: Readonly<Record<string, (call: DynamodbCall) => BilledUnits>> = {
  PutItem: writeOne,
  UpdateItem: writeOne,
  DeleteItem: writeOne,
  BatchWriteItem: writeBatch,
  GetItem: readOne,
  BatchGetItem: readBatch,
  Query: readMany,
  Scan: readMany,
};

/**
 * Request units of one call, what it writes to indexes included. A failed condition is billed by the existing item,
 * other failures and operations on tables are free; throws for transactions and PartiQL, which are not measured.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
 */
export function dynamodbUsage(call: DynamodbCall): readonly BilledUnits[] {
  if (call.status >= 400) return isFailedCondition(call) ? [writeUnits([call.before?.[0]])] : [];
  if (/^(Transact|Execute|BatchExecute)/.test(call.operation)) {
    throw new Error(`${call.operation} is not metered`);
  }
  const measure = MEASURES[call.operation];
  return measure ? [measure(call)] : [];
}

function isFailedCondition({ response }: DynamodbCall): boolean {
  return String(asRecord(response).__type).endsWith('ConditionalCheckFailedException');
}

const sizeOf = (item: Item | undefined): number => (item ? itemSize(item) : 0);
const roundUp = (bytes: number, unitBytes: number): number => Math.max(1, Math.ceil(bytes / unitBytes));

function writeUnits(versions: Items): BilledUnits {
  return { units: roundUp(Math.max(...versions.map(sizeOf)), WRITE_BYTES), unit: 'WRU' };
}

function writeOne({ operation, request, before, after, indexesOf }: DynamodbCall): BilledUnits {
  const { Item, TableName } = asRecord(request);
  const written = after?.[0] ?? (operation === 'PutItem' ? asRecord(Item) : undefined);
  const indexes = indexesOf?.(String(TableName)) ?? [];
  return {
    units: writeUnits([before?.[0], written]).units + indexWriteUnits(indexes, before?.[0], written),
    unit: 'WRU',
  };
}

function writeBatch({ request, response, before, indexesOf }: DynamodbCall): BilledUnits {
  const unprocessed = asRecord(asRecord(response).UnprocessedItems);
  const writes = Object.entries(asRecord(asRecord(request).RequestItems)).flatMap(([table, entries]) =>
    asList(entries).map((entry) => ({ table, entry, isDone: !includes(unprocessed[table], entry) })),
  );
  const units = writes.map(({ table, entry, isDone }, at) => {
    if (!isDone) return 0;
    const put = asRecord(entry).PutRequest;
    const written = put === undefined ? undefined : asRecord(asRecord(put).Item);
    const indexes = indexesOf?.(table) ?? [];
    return writeUnits([before?.[at], written]).units + indexWriteUnits(indexes, before?.[at], written);
  });
  return { units: sum(units), unit: 'WRU' };
}

const includes = (entries: unknown, entry: unknown): boolean =>
  asList(entries).some((candidate) => isDeepStrictEqual(candidate, entry));

function readUnits(bytes: number, { ConsistentRead }: Json): number {
  return roundUp(bytes, READ_BYTES) * (ConsistentRead === true ? 1 : 0.5);
}

/** A projection does not make a read cheaper, so the stored item goes before the returned one. */
function readOne({ request, response, before }: DynamodbCall): BilledUnits {
  const item = before?.[0] ?? asRecord(asRecord(response).Item);
  return { units: readUnits(itemSize(item), asRecord(request)), unit: 'RRU' };
}

function readBatch({ request, response, before }: DynamodbCall): BilledUnits {
  let keysSeen = 0;
  const units = Object.entries(asRecord(asRecord(request).RequestItems)).map(([table, value]) => {
    const options = asRecord(value);
    const keys = asList(options.Keys);
    const stored = before?.slice(keysSeen, keysSeen + keys.length);
    keysSeen += keys.length;
    const items = readItems(keys, stored, table, asRecord(response));
    return sum(items.map((item) => readUnits(sizeOf(item), options)));
  });
  return { units: sum(units), unit: 'RRU' };
}

/** One entry per key that was processed. */
function readItems(
  keys: readonly unknown[],
  stored: Items | undefined,
  table: string,
  response: Json,
): Items {
  const unprocessed = asRecord(asRecord(response.UnprocessedKeys)[table]).Keys;
  const returned = asList(asRecord(response.Responses)[table]).map(asRecord);
  const processed = keys.map((_, at) => at).filter((at) => !includes(unprocessed, keys[at]));
  return processed.map((at, position) => (stored ? stored[at] : returned[position]));
}

function readMany(call: DynamodbCall): BilledUnits {
  const items = isTrimmed(asRecord(call.request))
    ? requireBefore(call)
    : asList(asRecord(call.response).Items).map(asRecord);
  return { units: readUnits(sum(items.map(sizeOf)), asRecord(call.request)), unit: 'RRU' };
}

/** Tells whether a read filters, cuts or only counts: it is read, and billed, in full. */
function isTrimmed({ FilterExpression, ProjectionExpression, Select }: Json): boolean {
  return FilterExpression !== undefined || ProjectionExpression !== undefined || Select === 'COUNT';
}

function requireBefore({ operation, before }: DynamodbCall): Items {
  if (!before) throw new Error(`${operation} returns less than it reads: the evaluated items are needed`);
  return before;
}
