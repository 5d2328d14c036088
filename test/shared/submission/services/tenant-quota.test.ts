import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { anAcceptWorld } from '../../../support/submission/accept-world.ts';

const to = (count: number) => Array.from({ length: count }, (_, index) => `r${index}@example.org`);
const aMail = (overrides: object = {}) => ({
  ...{ from: 'ada@example.com', to: 'grace@example.org', subject: 'Hello', text: 'Hello' },
  ...overrides,
});

describe('the daily quota of a tenant', () => {
  test('the daily quota of a tenant counts recipients, and refuses mail beyond it whole', async () => {
    const world = anAcceptWorld({ claims: { tenant: 'acme' }, quotaLeft: 5 });
    assert.equal((await world.post(aMail({ to: to(3) }))).status, 200);
    const refused = await world.post(aMail({ to: to(3) }));
    assert.equal(refused.status, 429);
    assert.deepEqual(refused.body, {
      statusCode: 429,
      name: 'daily_quota_exceeded',
      message: 'This tenant may send to 10 recipients a day (UTC), and this request goes beyond that.',
    });
    assert.deepEqual((refused as { headers?: object }).headers, { 'retry-after': '3600' });
    assert.equal(world.rows.size, 1);
    assert.equal((await world.post(aMail({ to: to(2) }))).status, 200);
  });

  test('the daily quota counts a batch as one, and a repeat not again', async () => {
    const world = anAcceptWorld({ claims: { tenant: 'acme' }, quotaLeft: 3 });
    const headers = { 'idempotency-key': 'one' };
    const batch = [aMail({ to: to(2) }), aMail()];
    const first = await world.postBatch(batch, headers);
    assert.equal(first.status, 200);
    assert.deepEqual((await world.postBatch(batch, headers)).body, first.body);
    assert.equal((await world.postBatch([aMail()])).status, 429);
  });

  test('leaves the idempotency key of a refused request free', async () => {
    const world = anAcceptWorld({ claims: { tenant: 'acme' }, quotaLeft: 0 });
    assert.equal((await world.post(aMail(), { 'idempotency-key': 'one' })).status, 429);
    assert.equal(world.records.size, 0);
  });

  test('a daily quota that cannot be asked is a 503 that stored nothing', async () => {
    const world = anAcceptWorld({ claims: { tenant: 'acme' }, quotaLeft: 10 });
    world.trouble('spendQuota', 'not-done');
    assert.equal((await world.post(aMail(), { 'idempotency-key': 'one' })).status, 503);
    assert.deepEqual([world.rows.size, world.records.size, world.sendJobs.length], [0, 0, 0]);
    assert.equal((await world.post(aMail(), { 'idempotency-key': 'one' })).status, 200);
  });
});
