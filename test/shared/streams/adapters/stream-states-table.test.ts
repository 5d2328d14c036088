import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createStreamStates } from '../../../../shared/streams/adapters/stream-states-table.ts';
import { startDynalite } from '../../../support/aws/dynalite.ts';

const NOW = Date.UTC(2026, 10, 23);

describe('the state of streams', () => {
  let client: DynamoDBClient;
  let stop: () => Promise<void>;
  const clock = { now: NOW, nowEpochMs: () => clock.now };

  before(async () => {
    ({ client, stop } = await startDynalite());
  });
  after(() => stop());

  const open = () => createStreamStates({ client, tableName: 'catalog', clock });
  const byGuard = { by: 'guard', reason: 'bounce_rate: 4.50 %', nowEpochMs: NOW } as const;

  test('a stream is active where no state is stored for it', async () => {
    assert.deepEqual(await open().get('new'), { name: 'new', status: 'active', poolIps: [] });
  });

  test('a stream is paused with its reason, and active again without it', async () => {
    const states = open();
    assert.equal(await states.pause('paused', byGuard), true);
    assert.deepEqual(await states.get('paused'), {
      name: 'paused',
      status: 'paused',
      reason: 'bounce_rate: 4.50 %',
      pausedBy: 'guard',
      sinceEpochMs: NOW,
      poolIps: [],
    });
    assert.equal(await states.resume('paused', NOW + 5), true);
    assert.deepEqual(await states.get('paused'), {
      name: 'paused',
      status: 'active',
      sinceEpochMs: NOW + 5,
      poolIps: [],
    });
    assert.equal(await states.resume('paused', NOW + 9), false);
  });

  test('the guard does not pause a stream twice, while a person has the last word', async () => {
    const states = open();
    await states.pause('twice', byGuard);
    assert.equal(await states.pause('twice', { ...byGuard, reason: 'another', nowEpochMs: NOW + 1 }), false);
    assert.equal((await states.get('twice')).sinceEpochMs, NOW);
    assert.equal(await states.pause('twice', { by: 'operator', reason: 'mine', nowEpochMs: NOW + 2 }), true);
    assert.equal((await states.get('twice')).pausedBy, 'operator');
    assert.equal(await states.pause('twice', byGuard), false);
    assert.equal((await states.get('twice')).reason, 'mine');
  });

  test('one of two guards that pause at once is told that it did', async () => {
    const answers = await Promise.all([open().pause('raced', byGuard), open().pause('raced', byGuard)]);
    assert.deepEqual(answers.toSorted(), [false, true]);
  });

  test('a stream state of another worker is known within two seconds', async () => {
    const states = open();
    assert.equal((await states.find('cached')).status, 'active');
    await open().pause('cached', byGuard);
    clock.now += 1_999;
    assert.equal((await states.find('cached')).status, 'active');
    clock.now += 1;
    assert.equal((await states.find('cached')).status, 'paused');
  });

  test('keeps the start of a warm-up unless it is moved, and the addresses of the pool beside a pause', async () => {
    const states = open();
    await states.startWarmUp('warm', '2026-11-20', { unlessStarted: true });
    await states.startWarmUp('warm', '2026-11-23', { unlessStarted: true });
    await states.setPoolIps('warm', ['192.0.2.1', '192.0.2.2'], NOW);
    await states.pause('warm', byGuard);
    const state = await states.get('warm');
    assert.equal(state.warmUpStartedOn, '2026-11-20');
    assert.deepEqual([state.poolIps, state.poolReadAtEpochMs], [['192.0.2.1', '192.0.2.2'], NOW]);
    await states.startWarmUp('warm', '2026-11-01', { unlessStarted: false });
    assert.equal((await states.find('warm')).warmUpStartedOn, '2026-11-01');
  });
});
