import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { WarmUpPlan } from '../../../../shared/streams/stream-settings.ts';
import { createAllowance } from '../../../../shared/warm-up/services/allowance.ts';
import { createLedgerFake } from '../../../support/warm-up/warm-up-world.ts';

const TODAY = '2026-11-23';
const NOON = Date.parse(`${TODAY}T12:00:00Z`);
const WARMING = { warmUpStartedOn: TODAY, poolIps: ['192.0.2.1'] };

const settingsOf = (plan: WarmUpPlan, gmail?: WarmUpPlan) => ({
  name: 'broadcast',
  warmUp: { plan, waits: false, ...(gmail === undefined ? {} : { providers: { gmail } }) },
});

function open() {
  const ledger = createLedgerFake();
  const clock = { now: NOON, nowEpochMs: () => clock.now };
  return { ledger, clock, allowance: createAllowance({ ledger, clock }) };
}

const usedOf = async ({ ledger }: ReturnType<typeof open>, day = TODAY) =>
  (await ledger.read('broadcast', day)).all;

describe('the allowance of a worker', () => {
  test('the allowance is exact for mails that ask at the same time', async () => {
    const world = open();
    const settings = settingsOf([37]);
    const asked = Array.from({ length: 60 }, () => world.allowance.take(settings, WARMING, ['rest']));
    const kinds = (await Promise.all(asked)).map(({ kind }) => kind);
    assert.equal(kinds.filter((kind) => kind === 'dedicated').length, 37);
    assert.equal(kinds.filter((kind) => kind === 'overflow').length, 23);
  });

  test('lets a small mail take the rest that is too small for a large one', async () => {
    const { allowance } = open();
    const settings = settingsOf([3]);
    assert.equal((await allowance.take(settings, WARMING, ['rest', 'rest'])).kind, 'dedicated');
    assert.equal((await allowance.take(settings, WARMING, ['rest', 'rest'])).kind, 'overflow');
    assert.equal((await allowance.take(settings, WARMING, ['rest'])).kind, 'dedicated');
  });

  test('an allowance of a provider bounds that provider alone, and when used up takes none of the stream', async () => {
    const world = open();
    const settings = settingsOf([10], [2]);
    const take = (provider: 'gmail' | 'rest') => world.allowance.take(settings, WARMING, [provider]);
    const gmail = [await take('gmail'), await take('gmail'), await take('gmail')].map(({ kind }) => kind);
    assert.deepEqual(gmail, ['dedicated', 'dedicated', 'overflow']);
    const rest = [];
    for (let count = 0; count < 9; count++) rest.push((await take('rest')).kind);
    assert.equal(rest.filter((kind) => kind === 'dedicated').length, 8);
  });

  test('a used up allowance asks the ledger no more', async () => {
    const world = open();
    for (let count = 0; count < 20; count++) await world.allowance.take(settingsOf([5]), WARMING, ['rest']);
    assert.ok(world.ledger.counts.reads <= 6);
  });

  test('an allowance begins anew with the next day', async () => {
    const world = open();
    const settings = settingsOf([1, 2]);
    await world.allowance.take(settings, WARMING, ['rest']);
    world.clock.now += 86_400_000;
    const kinds = [];
    for (let count = 0; count < 3; count++)
      kinds.push((await world.allowance.take(settings, WARMING, ['rest'])).kind);
    assert.deepEqual(kinds, ['dedicated', 'dedicated', 'overflow']);
    assert.equal((await usedOf(world, '2026-11-24')).used, 2);
  });

  test('an allowance sees a plan that was moved on', async () => {
    const { allowance } = open();
    const settings = settingsOf([1, 5]);
    await allowance.take(settings, WARMING, ['rest']);
    assert.equal((await allowance.take(settings, WARMING, ['rest'])).kind, 'overflow');
    const moved = { ...WARMING, warmUpStartedOn: '2026-11-22' };
    assert.equal((await allowance.take(settings, moved, ['rest'])).kind, 'dedicated');
  });

  test('an allowance is not touched while the pool has no address', async () => {
    const world = open();
    const decision = await world.allowance.take(settingsOf([5]), { poolIps: [] }, ['rest']);
    assert.equal(decision.kind, 'shared');
    assert.equal(world.ledger.lines.size, 0);
  });

  test('counts overflow together, and writes what is left when told to', async () => {
    const world = open();
    const settings = settingsOf([0]);
    for (let count = 0; count < 30; count++) await world.allowance.take(settings, WARMING, ['rest']);
    assert.equal(world.ledger.counts.writes, 1);
    await world.allowance.flush();
    assert.equal((await usedOf(world)).overflowed, 30);
  });

  test('takes no allowance where the ledger is out of reach, and goes on when it is back', async () => {
    const world = open();
    let isDown = true;
    const ledger = {
      ...world.ledger,
      lease: (...lease: Parameters<typeof world.ledger.lease>) =>
        isDown ? Promise.reject(new Error('down')) : world.ledger.lease(...lease),
    };
    const allowance = createAllowance({ ledger, clock: world.clock });
    await assert.rejects(allowance.take(settingsOf([1]), WARMING, ['rest']), /down/);
    isDown = false;
    assert.equal((await allowance.take(settingsOf([1]), WARMING, ['rest'])).kind, 'dedicated');
  });
});
