import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { brotliDecompressSync } from 'node:zlib';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { startDynalite } from '../../support/aws/dynalite.ts';
import { BODIES } from '../../support/wire/bodies.ts';
import {
  asJson,
  type BodyFixture,
  fixtureNames,
  putItems,
  type RowFixture,
  readFixture,
  removeItems,
  type StoredItem,
  storedItems,
} from '../../support/wire/fixtures.ts';
import { ROWS } from '../../support/wire/rows.ts';

test('every recorded form has its reader', () => {
  const known = new Set([...BODIES, ...ROWS].map(({ name }) => name));
  assert.deepEqual(
    fixtureNames().filter((name) => !known.has(name)),
    [],
  );
  assert.equal(fixtureNames().length, known.size);
});

describe('a queue body, as it was recorded', () => {
  for (const { name, parse } of BODIES) {
    test(`${name} means what it meant`, () => {
      const { body, means } = readFixture<BodyFixture>(name);
      assert.deepEqual(asJson(parse(body)), means);
    });
  }
});

describe('a stored row, as it was recorded', () => {
  let client: DynamoDBClient;
  let stop: () => Promise<void>;
  before(async () => {
    ({ client, stop } = await startDynalite());
  });
  after(() => stop());

  for (const { name, read } of ROWS) {
    test(`${name} means what it meant`, async () => {
      const { items, means } = readFixture<RowFixture>(name);
      await putItems(client, items);
      assert.deepEqual(asJson(await read(client)), means);
      await removeItems(client);
    });
  }
});

describe('a stored row, as it is written now', () => {
  let client: DynamoDBClient;
  let stop: () => Promise<void>;
  before(async () => {
    ({ client, stop } = await startDynalite());
  });
  after(() => stop());

  for (const { name, write } of ROWS) {
    test(`${name} has the form that was recorded`, async () => {
      await write(client);
      const { items } = readFixture<RowFixture>(name);
      assert.deepEqual(unpacked(await storedItems(client)), unpacked(items));
      await removeItems(client);
    });
  }
});

/** What was compressed as text: another compressor may find other bytes for it. */
const unpacked = (items: readonly StoredItem[]): unknown =>
  asJson(items.map(({ table, item }) => ({ table, item: Object.entries(item).map(unpack) })));

const unpack = ([name, value]: [string, StoredItem['item'][string]]) =>
  value.B === undefined ? [name, value] : [name, brotliDecompressSync(value.B).toString('utf8')];
