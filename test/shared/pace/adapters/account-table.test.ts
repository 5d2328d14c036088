import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { createAccountTable } from '../../../../shared/pace/adapters/account-table.ts';
import { type DisturbedClient, disturb } from '../../../support/aws/disturbed-client.ts';
import { startDynalite } from '../../../support/aws/dynalite.ts';

const READING = { maxSendRate: 14, max24HourSend: 50_000, sentLast24Hours: 12, readAtEpochMs: 60_000 };

describe('the reading of the account', () => {
  let client: DynamoDBClient;
  let disturbed: DisturbedClient;
  let stop: () => Promise<void>;
  const clock = { now: 0, nowEpochMs: () => clock.now };

  before(async () => {
    const dynalite = await startDynalite();
    client = dynalite.client;
    stop = dynalite.stop;
    disturbed = disturb(client);
  });
  beforeEach(() => disturbed.heal());
  after(() => stop());

  test('an account reading that is unknown is looked for again a second later', async () => {
    const table = createAccountTable(client, 'catalog', clock);
    assert.equal(await table.latest(), undefined);
    assert.equal(await table.latest(), undefined);
    assert.equal(disturbed.calls.length, 1);
    clock.now += 1_000;
    await table.latest();
    assert.equal(disturbed.calls.length, 2);
  });

  test('the account reading is read from the table once in fifteen seconds', async () => {
    await createAccountTable(client, 'catalog', clock).put(READING);
    const table = createAccountTable(client, 'catalog', clock);
    assert.deepEqual(await table.latest(), READING);
    const newer = { ...READING, sentLast24Hours: 99 };
    const Item = marshall({ collection: 'account', item: 'sending', ...newer });
    await client.send(new PutItemCommand({ TableName: 'catalog', Item }));
    clock.now += 14_999;
    assert.deepEqual(await table.latest(), READING);
    clock.now += 1;
    assert.deepEqual(await table.latest(), newer);
  });
});
