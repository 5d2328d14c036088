import { asList, asRecord, byteLength, sum } from '../host/json.ts';

/** An item in DynamoDB's JSON: `{name: {S: '…'}, …}`. */
export type Item = Readonly<Record<string, unknown>>;

const COLLECTION_BYTES = 3;
const ELEMENT_BYTES = 1;

/**
 * Size of an item in bytes: names and values, as DynamoDB bills them.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export const itemSize = (item: Item): number =>
  sum(Object.entries(item).map(([name, value]) => byteLength(name) + valueSize(value)));

const SIZES: Readonly<Record<string, (content: unknown) => number>> = {
  S: byteLength,
  N: numberSize,
  B: binarySize,
  BOOL: () => 1,
  NULL: () => 1,
  SS: (set) => sum(asList(set).map(byteLength)),
  NS: (set) => sum(asList(set).map(numberSize)),
  BS: (set) => sum(asList(set).map(binarySize)),
  L: (list) => collectionSize(asList(list).length, sum(asList(list).map(valueSize))),
  M: (map) => collectionSize(Object.keys(asRecord(map)).length, itemSize(asRecord(map))),
};

function valueSize(value: unknown): number {
  const [type = '', content] = Object.entries(asRecord(value))[0] ?? [];
  const sizeOf = SIZES[type];
  if (!sizeOf) throw new Error(`"${type}" is no DynamoDB type`);
  return sizeOf(content);
}

const collectionSize = (elements: number, contentBytes: number): number =>
  COLLECTION_BYTES + elements * ELEMENT_BYTES + contentBytes;

/** One byte per two significant digits and one more; zeros at either end are not significant. */
function numberSize(value: unknown): number {
  const [mantissa = ''] = String(value).toLowerCase().split('e');
  const digits = mantissa.replace(/\D/g, '').replace(/^0+/, '').replace(/0+$/, '');
  return Math.ceil(digits.length / 2) + 1;
}

function binarySize(value: unknown): number {
  return typeof value === 'string' ? Buffer.byteLength(value, 'base64') : 0;
}
