import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createProviderReports } from '../../../../shared/pace/adapters/provider-reports-table.ts';
import { startDynalite } from '../../../support/aws/dynalite.ts';

describe('reports about providers', () => {
  let client: DynamoDBClient;
  let stop: () => Promise<void>;

  before(async () => {
    ({ client, stop } = await startDynalite());
  });
  after(() => stop());

  test('reports about providers add up, and are answered once', async () => {
    const reports = createProviderReports(client, 'catalog');
    assert.deepEqual(await reports.take(), {});
    await reports.add({ gmail: { delayed: 2, delivered: 10 } });
    await reports.add({ gmail: { delayed: 1, delivered: 5 }, yahoo: { delayed: 0, delivered: 7 } });
    assert.deepEqual(await reports.take(), {
      gmail: { delayed: 3, delivered: 15 },
      yahoo: { delayed: 0, delivered: 7 },
    });
    assert.deepEqual(await reports.take(), {});
  });
});
