import { isDeepStrictEqual } from 'node:util';
import type { Item } from '../item-size.ts';
import type { DynamoDbOutcome } from './outcome.ts';
import { keyOf, lockName, type TableShape } from './table-shapes.ts';
import { forwardCall, parseBody } from './wire.ts';
import { createReadItem, type WriteDeps } from './writes.ts';

interface BatchWrite {
  readonly PutRequest?: { readonly Item: Item };
  readonly DeleteRequest?: { readonly Key: Item };
}

export interface BatchInput {
  readonly RequestItems?: Readonly<Record<string, unknown>>;
}

/** BatchWriteItem with the items as they were, in the order of the request: larger old items are billed. */
export async function writeBatch(input: BatchInput, body: Buffer, deps: WriteDeps): Promise<DynamoDbOutcome> {
  const writes = Object.entries(input.RequestItems ?? {}).flatMap(([name, entries]) =>
    (entries as BatchWrite[]).map((entry) => ({ table: deps.shapeOf(name), entry })),
  );
  const keys = writes.map(({ table, entry }) => ({
    table,
    key: keyOf(table, entry.PutRequest?.Item ?? entry.DeleteRequest?.Key ?? {}),
  }));
  const names = keys.map(({ table, key }) => lockName(table, key));

  return deps.withKeys([...new Set(names)], async () => {
    const before = await readAll(keys, deps);
    const response = await forwardCall(deps.emulator, 'BatchWriteItem', body);
    if (response.status === 200) noteAll(writes, before, parseBody(response), deps);
    return { response, before };
  });
}

interface TableWrite {
  readonly table: TableShape;
  readonly entry: BatchWrite;
}

interface BatchAnswer {
  readonly UnprocessedItems?: Readonly<Record<string, readonly BatchWrite[]>>;
}

function noteAll(
  writes: readonly TableWrite[],
  before: readonly (Item | undefined)[],
  { UnprocessedItems = {} }: BatchAnswer,
  { noteChange }: WriteDeps,
): void {
  for (const [index, { table, entry }] of writes.entries()) {
    const isDone = !UnprocessedItems[table.name]?.some((left) => isDeepStrictEqual(left, entry));
    if (isDone) noteChange(table, { before: before[index], after: entry.PutRequest?.Item });
  }
}

interface BatchRead {
  readonly Keys?: readonly Item[];
  readonly ProjectionExpression?: string;
}

/** BatchGetItem; a projection is not cheaper, so what it leaves out is read for the bill. */
export async function readBatch(input: BatchInput, body: Buffer, deps: WriteDeps): Promise<DynamoDbOutcome> {
  const response = await forwardCall(deps.emulator, 'BatchGetItem', body);
  const reads = Object.entries(input.RequestItems ?? {}) as [string, BatchRead][];
  if (response.status !== 200 || !reads.some(([, read]) => read.ProjectionExpression)) return { response };
  const keys = reads.flatMap(([name, { Keys = [] }]) =>
    Keys.map((key) => ({ table: deps.shapeOf(name), key })),
  );
  return { response, before: await readAll(keys, deps) };
}

function readAll(
  keys: readonly { readonly table: TableShape; readonly key: Item }[],
  { emulator }: WriteDeps,
): Promise<(Item | undefined)[]> {
  const read = createReadItem(emulator);
  return Promise.all(keys.map(({ table, key }) => read(table, key)));
}
