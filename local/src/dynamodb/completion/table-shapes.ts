import type { Assembly } from '../../assembly/assembly.ts';
import type { IndexShape } from '../index-writes.ts';
import type { Item } from '../item-size.ts';

export interface TableShape {
  readonly name: string;
  readonly keys: readonly string[];
  /** The attribute of the time to live, where the table has one that is on. */
  readonly timeToLive: string | undefined;
  readonly indexes: readonly IndexShape[];
}

export type ShapeOf = (tableName: string) => TableShape;

interface Keyed {
  readonly KeySchema: readonly { readonly AttributeName: string }[];
}
interface IndexProperties extends Keyed {
  readonly Projection?: { readonly ProjectionType?: string; readonly NonKeyAttributes?: readonly string[] };
}
interface TableProperties extends Keyed {
  readonly TimeToLiveSpecification?: { readonly AttributeName?: string; readonly Enabled?: boolean | string };
  readonly GlobalSecondaryIndexes?: readonly IndexProperties[];
  readonly LocalSecondaryIndexes?: readonly IndexProperties[];
}

/** The template's tables by name. Tables that it does not have get a shape without keys: the emulator refuses them. */
export function readTableShapes(assembly: Assembly): ShapeOf {
  const shapes = new Map(
    assembly
      .byType('AWS::DynamoDB::Table')
      .map(({ physicalId, properties }) => [physicalId, toShape(physicalId, properties as never)]),
  );
  return (name) => shapes.get(name) ?? { name, keys: [], timeToLive: undefined, indexes: [] };
}

function toShape(name: string, properties: TableProperties): TableShape {
  const { TimeToLiveSpecification, GlobalSecondaryIndexes = [], LocalSecondaryIndexes = [] } = properties;
  const keys = namesOf(properties);
  const isOn = String(TimeToLiveSpecification?.Enabled) === 'true';
  return {
    name,
    keys,
    timeToLive: isOn ? TimeToLiveSpecification?.AttributeName : undefined,
    indexes: [...GlobalSecondaryIndexes, ...LocalSecondaryIndexes].map((index) => ({
      keys: namesOf(index),
      projected: projectedOf(index, keys),
    })),
  };
}

const namesOf = ({ KeySchema }: Keyed): string[] => KeySchema.map(({ AttributeName }) => AttributeName);

function projectedOf({ Projection }: IndexProperties, tableKeys: readonly string[]): IndexShape['projected'] {
  return Projection?.ProjectionType === 'ALL'
    ? 'ALL'
    : [...tableKeys, ...(Projection?.NonKeyAttributes ?? [])];
}

/** The primary key of an item, its attributes in the order of the schema. */
export const keyOf = ({ keys }: TableShape, item: Item): Item =>
  Object.fromEntries(keys.map((name) => [name, item[name] ?? {}]));

/** Names one item among all tables, for its lock. */
export const lockName = ({ name }: TableShape, key: Item): string => `${name} ${JSON.stringify(key)}`;
