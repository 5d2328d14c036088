import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createReputationTable } from '../../../../shared/reputation/adapters/reputation-table.ts';
import { EMPTY_WINDOW, type SendingEvent, totalOf } from '../../../../shared/reputation/guard.ts';
import type { ReputationSubject } from '../../../../shared/reputation/ports.ts';
import { startDynalite } from '../../../support/aws/dynalite.ts';

const NOW = Date.UTC(2026, 10, 23);

const events = (kind: SendingEvent['kind'], count: number, mailSentAtEpochMs = NOW): SendingEvent[] =>
  Array.from({ length: count }, () => ({ kind, mailSentAtEpochMs }));

describe('reputations in the catalog', () => {
  let client: DynamoDBClient;
  let stop: () => Promise<void>;

  before(async () => {
    ({ client, stop } = await startDynalite());
  });
  after(() => stop());

  const totalIn = async (subject: ReputationSubject) =>
    totalOf(await createReputationTable(client, 'catalog').get(subject));

  test('the reputation of a sender that never sent is empty', async () => {
    assert.deepEqual(await createReputationTable(client, 'catalog').get('stream#new'), EMPTY_WINDOW);
  });

  test('reputations answer the window with what was added, and keep streams and tenants apart', async () => {
    const table = createReputationTable(client, 'catalog');
    const window = await table.add('stream#apart', [...events('sent', 90), ...events('bounced', 2)]);
    assert.deepEqual(totalOf(window), { sent: 90, bounced: 2, complained: 0 });
    await table.add('tenant#apart', events('complained', 1));
    assert.deepEqual(await totalIn('stream#apart'), { sent: 90, bounced: 2, complained: 0 });
    assert.deepEqual(await totalIn('tenant#apart'), { sent: 0, bounced: 0, complained: 1 });
  });

  test('reputations lose nothing of what several workers add at once', async () => {
    const add = () => createReputationTable(client, 'catalog').add('stream#raced', events('sent', 10));
    await Promise.all([add(), add(), add(), add()]);
    assert.equal((await totalIn('stream#raced')).sent, 40);
  });

  test('reputations begin anew, deaf to reports about mail of before', async () => {
    const table = createReputationTable(client, 'catalog');
    await table.add('stream#anew', events('bounced', 50));
    await table.restart('stream#anew', NOW + 1);
    await table.add('stream#anew', events('bounced', 50));
    assert.equal((await totalIn('stream#anew')).bounced, 0);
    await table.add('stream#anew', events('bounced', 1, NOW + 1));
    assert.equal((await totalIn('stream#anew')).bounced, 1);
  });
});
