import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import {
  CATALOG_TABLE,
  EVENTS_TABLE,
  MESSAGES_TABLE,
  SUPPRESSIONS_TABLE,
} from '../../../shared/resources.ts';

/** Recorded once: what stands here was written by a version that is out, and every later one reads it. */
const FOLDER = join(import.meta.dirname, '../../fixtures/wire');

const TABLES = {
  messages: MESSAGES_TABLE,
  suppressions: SUPPRESSIONS_TABLE,
  catalog: CATALOG_TABLE,
  events: EVENTS_TABLE,
} as const;

type TableName = keyof typeof TABLES;
type Item = Record<string, AttributeValue>;

export interface StoredItem {
  readonly table: TableName;
  readonly item: Item;
}

export interface BodyFixture {
  readonly body: unknown;
  readonly means: unknown;
}

export interface RowFixture {
  readonly items: readonly StoredItem[];
  readonly means: unknown;
}

const pathOf = (name: string): string => join(FOLDER, `${name}.json`);

export const fixtureNames = (): readonly string[] =>
  readdirSync(FOLDER).map((file) => file.replace(/\.json$/, ''));

export const hasFixture = (name: string): boolean => existsSync(pathOf(name));

export const readFixture = <Fixture>(name: string): Fixture =>
  JSON.parse(readFileSync(pathOf(name), 'utf8'), revive) as Fixture;

export function writeFixture(name: string, fixture: BodyFixture | RowFixture): void {
  writeFileSync(pathOf(name), `${JSON.stringify(fixture, replace, 2)}\n`);
}

/** What JSON leaves of a value: what is undefined goes. */
export const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value) ?? 'null');

export async function storedItems(client: DynamoDBClient): Promise<readonly StoredItem[]> {
  const found = await Promise.all(
    (Object.keys(TABLES) as TableName[]).map(async (table) => {
      const { Items = [] } = await client.send(new ScanCommand({ TableName: table }));
      return Items.map((item): StoredItem => ({ table, item }));
    }),
  );
  return found.flat().sort((one, other) => (keyTextOf(one) < keyTextOf(other) ? -1 : 1));
}

export async function putItems(client: DynamoDBClient, items: readonly StoredItem[]): Promise<void> {
  for (const { table, item } of items) {
    await client.send(new PutItemCommand({ TableName: table, Item: item }));
  }
}

export async function removeItems(client: DynamoDBClient): Promise<void> {
  for (const { table, item } of await storedItems(client)) {
    await client.send(new DeleteItemCommand({ TableName: table, Key: keyOf(table, item) }));
  }
}

function keyOf(table: TableName, item: Item): Item {
  const { partitionKey, sortKey } = TABLES[table];
  return Object.fromEntries(
    [partitionKey, sortKey].flatMap((name) => {
      const value = item[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

const keyTextOf = ({ table, item }: StoredItem): string =>
  [table, ...Object.values(keyOf(table, item)).map(({ S }) => S)].join(' ');

/** Bytes as base64, under a name of their own. */
const replace = (_name: string, value: unknown): unknown => {
  const bytes = (value as { readonly B?: unknown } | null)?.B;
  return bytes instanceof Uint8Array ? { base64: Buffer.from(bytes).toString('base64') } : value;
};

const revive = (_name: string, value: unknown): unknown => {
  const base64 = (value as { readonly base64?: unknown } | null)?.base64;
  return typeof base64 === 'string' ? { B: Uint8Array.from(Buffer.from(base64, 'base64')) } : value;
};
