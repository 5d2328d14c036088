import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { type Change, ContendedError } from '../change.ts';
import { conditionHolds } from './dynamodb-errors.ts';

interface VersionedItemOptions<State> {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  /** Partition key and sort key of its table. */
  readonly key: Readonly<Record<string, string>>;
  readonly parse: (row: unknown) => State;
  /** Format in which a state is stored; by default the state itself. */
  readonly format?: (state: State) => object;
  /** Expiry of each write, in tables that forget. */
  readonly expiresAtEpochSeconds?: number;
  /** State before the first write. */
  readonly empty: State;
  readonly sleep: (ms: number) => Promise<unknown>;
  /** A random number from 0 to 1. */
  readonly jitter: () => number;
}

export interface VersionedItem<State> {
  /** Reads consistently. */
  read(): Promise<State>;
  /** @throws ContendedError where another worker was faster each time */
  change<Answer>(decide: (state: State) => Change<State, Answer>): Promise<Answer>;
}

const TRIES = 10;
const FIRST_WAIT_MS = 10;
const LONGEST_WAIT_MS = 160;

/** One item that many write: read, decide, write if it is unchanged since, or all of it again. */
export function createVersionedItem<State extends object>(
  options: VersionedItemOptions<State>,
): VersionedItem<State> {
  return {
    read: async () => (await readItem(options)).state,

    async change(decide) {
      for (let tries = 0; tries < TRIES; tries++) {
        const { state: before, version } = await readItem(options);
        const { answer, state } = decide(before);
        if (state === undefined || (await write(state, version, options))) return answer;
        await options.sleep(Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** tries) * options.jitter());
      }
      throw new ContendedError(Object.values(options.key).join(' '));
    },
  };
}

async function readItem<State>({ client, tableName, key, parse, empty }: VersionedItemOptions<State>) {
  const get = new GetItemCommand({ TableName: tableName, Key: marshall(key), ConsistentRead: true });
  const { Item } = await client.send(get);
  if (Item === undefined) return { state: empty, version: 0 };
  const row = unmarshall(Item);
  return { state: parse(row.state), version: Number(row.version) };
}

/**
 * Writes a state. A write whose answer was lost and which the client repeats fails its own condition: read
 * again, it stands there.
 */
async function write<State extends object>(
  state: State,
  version: number,
  { client, tableName, key, format = (each) => each, expiresAtEpochSeconds }: VersionedItemOptions<State>,
): Promise<boolean> {
  const item = { ...key, version: version + 1, state: format(state), expiresAtEpochSeconds };
  const put = new PutItemCommand({
    TableName: tableName,
    Item: marshall(item, { removeUndefinedValues: true }),
    ConditionExpression: version === 0 ? 'attribute_not_exists(#version)' : '#version = :version',
    ExpressionAttributeNames: { '#version': 'version' },
    ...(version === 0 ? {} : { ExpressionAttributeValues: marshall({ ':version': version }) }),
  });
  return conditionHolds(client.send(put));
}
