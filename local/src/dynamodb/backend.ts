import type { Assembly } from '../assembly/assembly.ts';
import type { Clock } from '../host/clock.ts';
import { createKeyLocks } from '../host/key-locks.ts';
import { type BatchInput, readBatch, writeBatch } from './completion/batches.ts';
import { createNoteChange, type NoteChange } from './completion/item-changes.ts';
import type { DynamoDbOutcome } from './completion/outcome.ts';
import { readTableShapes } from './completion/table-shapes.ts';
import { createTimeToLive, findExisting } from './completion/time-to-live.ts';
import { forwardCall, type Json } from './completion/wire.ts';
import { createReadItem, type WriteDeps, type WriteInput, writeOne } from './completion/writes.ts';
import type { DynamoDbEmulator } from './emulator.ts';
import type { Item } from './item-size.ts';
import { createTableStreamsApi } from './table-streams/api.ts';
import type { TableStreams } from './table-streams/table-streams.ts';

type Operate = (input: Json, body: Buffer, deps: WriteDeps) => Promise<DynamoDbOutcome>;

const OPERATIONS: Readonly<Record<string, Operate>> = {
  PutItem: (input, _body, deps) => writeOne('PutItem', input as never as WriteInput, deps),
  UpdateItem: (input, _body, deps) => writeOne('UpdateItem', input as never as WriteInput, deps),
  DeleteItem: (input, _body, deps) => writeOne('DeleteItem', input as never as WriteInput, deps),
  BatchWriteItem: (input, body, deps) => writeBatch(input as BatchInput, body, deps),
  BatchGetItem: (input, body, deps) => readBatch(input as BatchInput, body, deps),
  GetItem: readOne,
  Query: (input, body, deps) => readMany('Query', input, body, deps),
  Scan: (input, body, deps) => readMany('Scan', input, body, deps),
};

export interface DynamoDbOptions {
  readonly assembly: Assembly;
  readonly clock: Clock;
  readonly emulator: DynamoDbEmulator;
  readonly streams: TableStreams;
}

/**
 * DynamoDB as production relies on it, over an emulator that lacks parts: the old item of a failed condition,
 * expiry by time to live, streams, and the items that AWS bills a call by.
 */
export function createDynamoDb({ assembly, clock, emulator, streams }: DynamoDbOptions) {
  const shapeOf = readTableShapes(assembly);
  const withKeys = createKeyLocks();
  const noteInStream = createNoteChange(streams);
  const timeToLive = createTimeToLive({ emulator, clock, withKeys, noteChange: noteInStream });
  const noteChange: NoteChange = (table, versions) => {
    if (versions.after) timeToLive.note(table, versions.after);
    noteInStream(table, versions);
  };
  const deps: WriteDeps = { emulator, shapeOf, withKeys, noteChange };
  const callTableStreams = createTableStreamsApi(streams);
  const tableNames = assembly.byType('AWS::DynamoDB::Table').map(({ physicalId }) => physicalId);
  let found: Promise<void> | undefined;

  return async (operation: string, input: Json, body: Buffer): Promise<DynamoDbOutcome> => {
    found ??= findExisting(emulator, tableNames, shapeOf, timeToLive);
    await found;
    await timeToLive.expire();
    const ofStreams = callTableStreams(operation, input);
    if (ofStreams) return { response: ofStreams };
    const operate = OPERATIONS[operation];
    if (!operate) return { response: await forwardCall(emulator, operation, body) };
    return { ...(await operate(input, body, deps)), indexesOf: (name) => shapeOf(name).indexes };
  };
}

async function readOne(
  input: Json,
  body: Buffer,
  { emulator, shapeOf }: WriteDeps,
): Promise<DynamoDbOutcome> {
  const response = await forwardCall(emulator, 'GetItem', body);
  if (response.status !== 200 || input.ProjectionExpression === undefined) return { response };
  const { TableName, Key } = input as never as Required<WriteInput>;
  return { response, before: [await createReadItem(emulator)(shapeOf(TableName), Key)] };
}

async function readMany(
  operation: 'Query' | 'Scan',
  input: Json,
  body: Buffer,
  { emulator }: WriteDeps,
): Promise<DynamoDbOutcome> {
  const response = await forwardCall(emulator, operation, body);
  const isWhole = !(input.FilterExpression || input.ProjectionExpression || input.Select === 'COUNT');
  if (response.status !== 200 || isWhole) return { response };
  const { Items } = await emulator.call<{ Items?: Item[] }>(operation, unfiltered(input));
  return { response, evaluated: Items ?? [] };
}

/** The same call as DynamoDB reads it before it filters and cuts: that is what is billed. */
function unfiltered(input: Json): Json {
  const { FilterExpression, ProjectionExpression, Select, ...rest } = input;
  const expression = String(rest.KeyConditionExpression ?? '');
  return {
    ...rest,
    ExpressionAttributeNames: usedIn(expression, rest.ExpressionAttributeNames),
    ExpressionAttributeValues: usedIn(expression, rest.ExpressionAttributeValues),
  };
}

/** DynamoDB refuses placeholders that no expression uses. */
function usedIn(expression: string, placeholders: unknown): Json | undefined {
  const used = new Set(expression.match(/[#:]\w+/g));
  const kept = Object.entries((placeholders ?? {}) as Json).filter(([name]) => used.has(name));
  return kept.length > 0 ? Object.fromEntries(kept) : undefined;
}
