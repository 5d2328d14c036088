import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import dynalite from 'dynalite';
import { loadAssembly } from '../../src/assembly/load-assembly.ts';
import { startDynamoDb } from '../../src/dynamodb/emulator.ts';
import { aTable, writeAssembly } from '../support/small-assembly.ts';

const anAssembly = () =>
  loadAssembly(writeAssembly({ Table: aTable() }), { queueUrlBase: 'http://127.0.0.1:9' });
const item = { bucket: { S: 'b' }, item: { S: 'i' } };

describe('a data folder of DynamoDB', () => {
  let dataDir: string;
  before(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'postlane-data-'));
  });
  after(() => rm(dataDir, { recursive: true, force: true }));

  test('a data folder keeps items over a restart', async () => {
    const first = await startDynamoDb(anAssembly(), { dataDir });
    await first.call('PutItem', { TableName: 'Small-Table', Item: item });
    await first.close();
    const second = await startDynamoDb(anAssembly(), { dataDir });
    const found = await second.call<{ Item?: object }>('GetItem', { TableName: 'Small-Table', Key: item });
    assert.deepEqual(found.Item, item);
    await second.close();
  });
});

describe('a DynamoDB that is named', () => {
  test("a named DynamoDB gets the template's tables and stays when the local cloud goes", async () => {
    const server = dynalite({ createTableMs: 0 });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;

    for (const expected of [undefined, item]) {
      const dynamodb = await startDynamoDb(anAssembly(), { endpoint });
      const { Item } = await dynamodb.call<{ Item?: object }>('GetItem', {
        TableName: 'Small-Table',
        Key: item,
      });
      assert.deepEqual(Item, expected);
      await dynamodb.call('PutItem', { TableName: 'Small-Table', Item: item });
      await dynamodb.close();
    }
    server.close();
  });
});
