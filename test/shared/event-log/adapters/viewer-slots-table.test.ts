import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createViewerSlots } from '../../../../shared/event-log/adapters/viewer-slots-table.ts';
import { SLOT_LEASE_MS } from '../../../../shared/event-log/viewer-slots.ts';
import { startDynalite } from '../../../support/aws/dynalite.ts';

describe('places for viewers', () => {
  let client: DynamoDBClient;
  let stop: () => Promise<void>;
  const clock = { now: Date.UTC(2026, 10, 23), nowEpochMs: () => clock.now };

  before(async () => {
    ({ client, stop } = await startDynalite());
  });
  after(() => stop());

  const slots = () => createViewerSlots({ client, tableName: 'catalog', places: 2, clock });

  test('places are as many as there are, also where many come at once', async () => {
    const claims = await Promise.all(['a', 'b', 'c', 'd'].map((viewer) => slots().claim(viewer)));
    const held = claims.filter((slot) => slot !== undefined);
    assert.ok(held.length >= 1 && held.length <= 2);
    if (held.length === 1) assert.notEqual(await slots().claim('e'), undefined);
    assert.equal(await slots().claim('f'), undefined);
    clock.now += SLOT_LEASE_MS;
  });

  test('places are free again once they are given back', async () => {
    const [first, second] = [await slots().claim('a'), await slots().claim('b')];
    await first?.release();
    const third = await slots().claim('c');
    assert.notEqual(third, undefined);
    await first?.release();
    assert.equal(await slots().claim('d'), undefined);
    await Promise.all([second?.release(), third?.release()]);
  });

  test('places are kept by renewing, and lost by not renewing', async () => {
    const [kept, lost] = [await slots().claim('a'), await slots().claim('b')];
    clock.now += SLOT_LEASE_MS - 1;
    assert.equal(await kept?.renew(), true);
    clock.now += 1;
    const other = await slots().claim('c');
    assert.notEqual(other, undefined);
    assert.equal(await slots().claim('d'), undefined);
    assert.equal(await lost?.renew(), false);
    assert.equal(await other?.renew(), true);
  });
});
