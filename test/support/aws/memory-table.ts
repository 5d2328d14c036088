import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { itemSize } from '../../../local/src/dynamodb/item-size.ts';

type Item = Record<string, AttributeValue>;
type Client = Pick<DynamoDBClient, 'send'>;

interface Input {
  readonly Key?: Item;
  readonly Item?: Item;
  readonly ConditionExpression?: string;
  readonly ReturnValuesOnConditionCheckFailure?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Item;
  readonly ScanIndexForward?: boolean;
  readonly Limit?: number;
}

/** What happens to a call; `work` does it, and may be done more than once or not at all. */
export type Disturbance = (name: string, work: () => Promise<unknown>) => Promise<unknown>;

export interface MemoryTable {
  /** A client of one process. */
  client(disturb?: Disturbance): Client;
  /** Every item, by bucket and item. */
  readonly items: Map<string, Item>;
  /** What has been billed since the beginning or the last `forgetUsage`; every read is consistent. */
  readonly usage: { puts: number; refused: number; reads: number; writeUnits: number; readUnits: number };
  forgetUsage(): void;
}

const NOTHING = { puts: 0, refused: 0, reads: 0, writeUnits: 0, readUnits: 0 };

/**
 * A table with `bucket` and `item` as its keys that knows the three calls of the event log. Unlike dynalite it sends the
 * old item with a failed condition, and it is quick enough for thousands of histories.
 */
export function createMemoryTable(): MemoryTable {
  const items = new Map<string, Item>();
  const usage = { ...NOTHING };

  const read = (found: readonly Item[]) => {
    usage.reads += 1;
    usage.readUnits += Math.max(1, Math.ceil(bytesOf(found) / 4096));
    return found;
  };

  const calls: Readonly<Record<string, (input: Input) => unknown>> = {
    GetItemCommand: ({ Key = {} }) => {
      const Item = items.get(keyOf(Key));
      read(Item === undefined ? [] : [Item]);
      return { Item };
    },
    PutItemCommand: (input) => {
      const { Item = {} } = input;
      const old = items.get(keyOf(Item));
      const refused = !holds(input, old);
      usage.puts += 1;
      usage.refused += refused ? 1 : 0;
      usage.writeUnits += Math.max(1, Math.ceil(bytesOf([refused ? (old ?? {}) : Item]) / 1024));
      if (refused) throw conditionFailed(input, old);
      items.set(keyOf(Item), Item);
      return {};
    },
    QueryCommand: (input) => {
      const found = select(items, input);
      const page = found.slice(0, input.Limit);
      read(page);
      return { Items: page, ...(page.length < found.length ? { LastEvaluatedKey: page.at(-1) } : {}) };
    },
  };

  const clientOf = (disturb: Disturbance): Client => ({
    send: async (command: { readonly input: Input; readonly constructor: { readonly name: string } }) => {
      const { name } = command.constructor;
      const call = calls[name];
      if (call === undefined) throw new Error(`${name} is not known here`);
      return disturb(name, async () => call(command.input));
    },
  });

  const forgetUsage = () => void Object.assign(usage, NOTHING);
  return {
    client: (disturb = (_, work) => work()) => clientOf(disturb) as Client,
    items,
    usage,
    forgetUsage,
  };
}

const textOf = (value: AttributeValue | undefined): string => value?.S ?? '';

const keyOf = ({ bucket, item }: Item): string => `${textOf(bucket)} ${textOf(item)}`;

const bytesOf = (items: readonly Item[]): number =>
  items.reduce((sum, item) => sum + itemSize(onTheWire(item)), 0);

/** Bytes travel as base64. */
const onTheWire = (item: Item) =>
  Object.fromEntries(
    Object.entries(item).map(([name, value]) => [
      name,
      value.B === undefined ? value : { B: Buffer.from(value.B).toString('base64') },
    ]),
  );

/** `attribute_not_exists(#name)` or `#name = :value`. */
function holds(input: Input, old: Item | undefined): boolean {
  const { ConditionExpression: condition, ExpressionAttributeNames: names = {} } = input;
  if (condition === undefined) return true;
  const name = names[/#\w+/.exec(condition)?.[0] ?? ''] ?? '';
  if (condition.startsWith('attribute_not_exists')) return old?.[name] === undefined;
  const value = input.ExpressionAttributeValues?.[/:\w+/.exec(condition)?.[0] ?? ''];
  return JSON.stringify(old?.[name]) === JSON.stringify(value);
}

function conditionFailed({ ReturnValuesOnConditionCheckFailure: returned }: Input, old: Item | undefined) {
  return new ConditionalCheckFailedException({
    message: 'The conditional request failed',
    $metadata: {},
    ...(returned === 'ALL_OLD' && old !== undefined ? { Item: old } : {}),
  });
}

function select(items: ReadonlyMap<string, Item>, input: Input): readonly Item[] {
  const { ':bucket': bucket, ':from': from, ':to': to } = input.ExpressionAttributeValues ?? {};
  const found = [...items.values()]
    .filter((item) => textOf(item.bucket) === textOf(bucket))
    .filter(({ item }) => textOf(item) >= textOf(from) && textOf(item) <= textOf(to))
    .sort((one, other) => (textOf(one.item) < textOf(other.item) ? -1 : 1));
  return input.ScanIndexForward === false ? found.reverse() : found;
}
