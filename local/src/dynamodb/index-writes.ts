import { isDeepStrictEqual } from 'node:util';
import { sum } from '../host/json.ts';
import { type Item, itemSize } from './item-size.ts';

/** A secondary index as the template describes it, as far as its writes are billed. */
export interface IndexShape {
  readonly keys: readonly string[];
  /** Attributes beside the index's own keys; `ALL` of the item's. */
  readonly projected: 'ALL' | readonly string[];
}

/** A write unit is a write of this many bytes, rounded up. */
export const WRITE_BYTES = 1024;

/**
 * Write units that one write of an item costs in the table's indexes: none where no entry changes, two writes where
 * an index key changes. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html
 */
export const indexWriteUnits = (
  indexes: readonly IndexShape[],
  before: Item | undefined,
  after: Item | undefined,
): number => sum(indexes.map((index) => unitsOf(index, entryOf(index, before), entryOf(index, after))));

function unitsOf({ keys }: IndexShape, before: Item | undefined, after: Item | undefined): number {
  if (isDeepStrictEqual(before, after)) return 0;
  const isSameEntry = before && after && keys.every((key) => isDeepStrictEqual(before[key], after[key]));
  const sizes = [before, after].map((entry) => (entry === undefined ? 0 : toUnits(itemSize(entry))));
  return isSameEntry ? Math.max(...sizes) : sum(sizes);
}

const toUnits = (bytes: number): number => Math.max(1, Math.ceil(bytes / WRITE_BYTES));

/** Entry of an item in the index; nothing where the item lacks one of the index's keys. */
function entryOf({ keys, projected }: IndexShape, item: Item | undefined): Item | undefined {
  if (!item || keys.some((key) => item[key] === undefined)) return undefined;
  if (projected === 'ALL') return item;
  const names = new Set([...keys, ...projected]);
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.has(name)));
}
