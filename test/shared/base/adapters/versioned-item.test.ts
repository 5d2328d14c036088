import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { createVersionedItem } from '../../../../shared/base/adapters/versioned-item.ts';
import { ContendedError } from '../../../../shared/base/change.ts';
import { startDynalite } from '../../../support/aws/dynalite.ts';

interface Count {
  readonly value: number;
}

describe('an item that many write', () => {
  let client: DynamoDBClient;
  let stop: () => Promise<void>;
  let version = 1_000;
  /** Somebody else writes between a read and its write so many times. */
  let rivals = 0;

  before(async () => {
    ({ client, stop } = await startDynalite());
    client.middlewareStack.add(
      (next, context) => async (args) => {
        if (context.commandName === 'PutItemCommand' && rivals > 0) {
          rivals -= 1;
          version += 10;
          const left = rivals;
          rivals = 0;
          const Item = marshall({ collection: 'test', item: 'raced', version, state: { value: version } });
          await client.send(new PutItemCommand({ TableName: 'catalog', Item }));
          rivals = left;
        }
        return next(args);
      },
      { step: 'initialize', name: 'rival' },
    );
  });
  after(() => stop());

  const open = (item: string, waits: number[] = []) =>
    createVersionedItem<Count>({
      client,
      tableName: 'catalog',
      key: { collection: 'test', item },
      parse: (row) => row as Count,
      empty: { value: 0 },
      sleep: (ms) => {
        waits.push(ms);
        return wait(1);
      },
      jitter: () => 0.5,
    });

  const addOne = ({ value }: Count) => ({ answer: value + 1, state: { value: value + 1 } });

  test('loses no change of writers at the same time', async () => {
    await Promise.all(Array.from({ length: 4 }, () => open('shared').change(addOne)));
    assert.deepEqual(await open('shared').read(), { value: 4 });
  });

  test('decides anew on what another writer wrote meanwhile, after a wait that grows', async () => {
    rivals = 3;
    const waits: number[] = [];
    assert.equal(await open('raced', waits).change(addOne), version + 1);
    assert.deepEqual(waits, [5, 10, 20]);
  });

  test('gives up after ten tries, with an error that passes', async () => {
    rivals = 50;
    const waits: number[] = [];
    await assert.rejects(open('raced', waits).change(addOne), ContendedError);
    assert.equal(waits.length, 10);
    rivals = 0;
  });
});
