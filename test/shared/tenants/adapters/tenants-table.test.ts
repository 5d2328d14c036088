import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  createTenantLimits,
  createTenantUsage,
} from '../../../../shared/tenants/adapters/tenant-usage-table.ts';
import { createTenantsTable } from '../../../../shared/tenants/adapters/tenants-table.ts';
import { newTenant } from '../../../../shared/tenants/tenant.ts';
import { startDynalite } from '../../../support/aws/dynalite.ts';
import { NOON } from '../../../support/messages/message-builders.ts';

describe('tenants in the catalog', () => {
  let client: DynamoDBClient;
  let stop: () => Promise<void>;

  before(async () => {
    ({ client, stop } = await startDynalite());
  });
  after(() => stop());

  const open = () => createTenantsTable({ client, tableName: 'catalog', clock: { nowEpochMs: () => NOON } });

  test('tenants are stored once, listed by name and changed only where they are', async () => {
    const tenants = open();
    const acme = newTenant('acme', '2026-11-24T12:00:00.000Z');
    assert.equal(await tenants.putIfAbsent(acme), true);
    assert.equal(await tenants.putIfAbsent({ ...acme, dailyRecipients: 1 }), false);
    await tenants.putIfAbsent(newTenant('aaa', acme.createdAt));
    assert.deepEqual(
      (await tenants.list()).map(({ name }) => name),
      ['aaa', 'acme'],
    );
    assert.equal(await tenants.setDailyRecipients('acme', 5), true);
    assert.deepEqual(await tenants.read('acme'), { ...acme, dailyRecipients: 5 });
    const limits = createTenantLimits(client, 'catalog');
    assert.equal(await limits.dailyRecipients('acme'), 5);
    assert.equal(await tenants.setDailyRecipients('acme', null), true);
    assert.equal(await limits.dailyRecipients('acme'), undefined);
    assert.equal(await limits.dailyRecipients('nobody'), undefined);
    assert.deepEqual(await tenants.read('acme'), acme);
    assert.equal(await tenants.setDailyRecipients('nobody', 5), false);
    assert.equal(await tenants.read('nobody'), undefined);
  });

  test('a tenant is paused and let go by SES, unless a person has said otherwise', async () => {
    const tenants = open();
    await tenants.putIfAbsent(newTenant('held', ''));
    const by = (who: 'ses' | 'operator' | 'guard') => ({ by: who, reason: who, nowEpochMs: NOON });
    assert.equal(await tenants.pause('held', by('ses')), true);
    assert.equal(await tenants.resume('held', NOON, 'ses'), true);
    assert.equal(await tenants.pause('held', by('operator')), true);
    assert.equal(await tenants.pause('held', by('ses')), false);
    assert.equal(await tenants.resume('held', NOON, 'ses'), false);
    assert.equal((await tenants.find('held')).pausedBy, 'operator');

    await tenants.resume('held', NOON);
    await tenants.pause('held', by('ses'));
    assert.equal(await tenants.pause('held', by('guard')), true, 'the guard outlasts SES');
    assert.equal(await tenants.resume('held', NOON, 'ses'), false);
    assert.equal(await tenants.pause('held', by('guard')), false);
  });

  test('a tenant uses no more in a day than it may, however many workers ask at once', async () => {
    const usage = createTenantUsage(client, 'catalog');
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => usage.take('busy', '2026-11-24', 2, 25)),
    );
    assert.equal(answers.filter(Boolean).length, 12);
    assert.equal(await usage.read('busy', '2026-11-24'), 24);
    assert.equal(await usage.take('busy', '2026-11-24', 1, 25), true);
    assert.equal(await usage.take('busy', '2026-11-25', 30, 25), false);
    assert.equal(await usage.take('busy', '2026-11-25', 25, 25), true);
    assert.equal(await usage.take('busy', '2026-11-24', 1, 25), false, 'a clock that is behind');
    assert.equal(await usage.read('busy', '2026-11-26'), 0);
  });
});
