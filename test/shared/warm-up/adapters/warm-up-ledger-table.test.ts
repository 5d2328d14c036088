import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createWarmUpLedger } from '../../../../shared/warm-up/adapters/warm-up-ledger-table.ts';
import type { LedgerDay } from '../../../../shared/warm-up/ports.ts';
import { createAllowance } from '../../../../shared/warm-up/services/allowance.ts';
import { type DisturbedClient, disturb } from '../../../support/aws/disturbed-client.ts';
import { startDynalite } from '../../../support/aws/dynalite.ts';

const lineOf = (stream: string, provider: LedgerDay['provider'] = 'all'): LedgerDay => ({
  stream,
  day: '2026-11-23',
  provider,
});

describe('the warm-up ledger in the catalog', () => {
  let client: DynamoDBClient;
  let disturbed: DisturbedClient;
  let stop: () => Promise<void>;

  before(async () => {
    const dynalite = await startDynalite();
    client = dynalite.client;
    stop = dynalite.stop;
    disturbed = disturb(client);
  });
  beforeEach(() => disturbed.heal());
  after(() => stop());

  test('gives chunks that shrink, and tells what is left when it is too little', async () => {
    const ledger = createWarmUpLedger(client, 'catalog');
    const line = lineOf('chunks');
    assert.deepEqual(await ledger.lease(line, 1, 100), { kind: 'leased', recipients: 5 });
    assert.deepEqual(await ledger.lease(line, 90, 100), { kind: 'leased', recipients: 90 });
    assert.deepEqual(await ledger.lease(line, 6, 100), { kind: 'used-up', left: 5 });
    assert.deepEqual(await ledger.lease(line, 1, 100), { kind: 'leased', recipients: 1 });
  });

  test('gives no more than the allowance to all workers that ask at once, and all of it', async () => {
    const ledger = createWarmUpLedger(client, 'catalog');
    const line = lineOf('raced');
    let leased = 0;
    const askTillUsedUp = async () => {
      for (;;) {
        const answer = await ledger.lease(line, 1, 40);
        if (answer.kind === 'used-up') return;
        leased += answer.recipients;
      }
    };
    await Promise.all(Array.from({ length: 5 }, askTillUsedUp));
    assert.equal(leased, 40);
    assert.equal((await ledger.read('raced', '2026-11-23')).all.used, 40);
  });

  test('a plan that was moved back below what is used has nothing left', async () => {
    const ledger = createWarmUpLedger(client, 'catalog');
    await ledger.lease(lineOf('moved'), 50, 100);
    assert.deepEqual(await ledger.lease(lineOf('moved'), 1, 20), { kind: 'used-up', left: 0 });
  });

  test('shows a day by provider, with its overflow', async () => {
    const ledger = createWarmUpLedger(client, 'catalog');
    await ledger.lease(lineOf('shown', 'gmail'), 3, 10);
    await ledger.lease(lineOf('shown'), 7, 10);
    await ledger.countOverflow(lineOf('shown', 'gmail'), 4);
    await ledger.countOverflow(lineOf('shown', 'yahoo'), 1);
    await ledger.countOverflow(lineOf('shown', 'yahoo'), 2);
    assert.deepEqual(await ledger.read('shown', '2026-11-23'), {
      all: { used: 7, overflowed: 0 },
      gmail: { used: 3, overflowed: 4 },
      yahoo: { used: 0, overflowed: 3 },
    });
    assert.deepEqual(await ledger.read('show', '2026-11-23'), { all: { used: 0, overflowed: 0 } });
  });

  test('costs a worker one write for a twentieth of a day', async () => {
    const clock = { nowEpochMs: () => Date.parse('2026-11-23T12:00:00Z') };
    const allowance = createAllowance({ ledger: createWarmUpLedger(client, 'catalog'), clock });
    const settings = { name: 'cheap', warmUp: { plan: [1_000], waits: false } };
    const state = { warmUpStartedOn: '2026-11-23', poolIps: ['192.0.2.1'] };
    const mails = Array.from({ length: 50 }, () => allowance.take(settings, state, ['rest']));
    assert.ok((await Promise.all(mails)).every(({ kind }) => kind === 'dedicated'));
    assert.deepEqual(
      disturbed.calls.map(({ name }) => name),
      ['GetItemCommand', 'UpdateItemCommand'],
    );
  });
});
