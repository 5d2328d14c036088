import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ContendedError } from '../../../../shared/base/change.ts';
import type { PaceStore } from '../../../../shared/pace/ports.ts';
import { createPacer } from '../../../../shared/pace/services/pacer.ts';
import { createVirtualTime, type VirtualTime } from '../../../support/base/virtual-time.ts';
import { createStoreFake, START_EPOCH_MS } from '../../../support/pace/pace-world.ts';

const ACCOUNT = { maxSendRate: 50, max24HourSend: -1 };
const ONE = { recipients: 1 };

function openPacer(
  time: VirtualTime,
  store: Pick<PaceStore, 'change'>,
  overrides: Partial<Parameters<typeof createPacer>[0]> = {},
) {
  return createPacer({
    store,
    accounts: { latest: async () => ({ ...ACCOUNT, sentLast24Hours: 0, readAtEpochMs: START_EPOCH_MS }) },
    shares: { transactional: 70, broadcast: 30 },
    assumed: { maxSendRate: 1, max24HourSend: 200 },
    workerId: 'worker',
    longestWaitMs: 10_000,
    clock: time.clock,
    sleep: time.sleep,
    jitter: () => 0.5,
    ...overrides,
  });
}

function newWorld() {
  const time = createVirtualTime(START_EPOCH_MS);
  return { time, store: createStoreFake(time, () => 1) };
}

describe('a pacer', () => {
  test('lets a lone mail go at once', async () => {
    const { time, store } = newWorld();
    const turn = await time.run(openPacer(time, store).take('transactional', ONE));
    assert.deepEqual(turn, { kind: 'now', afterMs: 0, perSecond: 2 });
  });

  test('takes one lease for a batch, and seldom another for the batches that follow', async () => {
    const { time, store } = newWorld();
    const pacer = openPacer(time, store);
    const takeBatch = () =>
      time.run(Promise.all(Array.from({ length: 10 }, () => pacer.take('transactional', ONE))));
    await takeBatch();
    assert.equal(store.counts.writes, 1);
    for (let batch = 0; batch < 9; batch++) await takeBatch();
    assert.ok(store.counts.writes <= 3);
  });

  test('keeps streams apart', async () => {
    const { time, store } = newWorld();
    const pacer = openPacer(time, store);
    await time.run(Promise.all([pacer.take('transactional', ONE), pacer.take('broadcast', ONE)]));
    assert.deepEqual(
      store
        .state()
        .leases.map(({ leaseId }) => leaseId)
        .toSorted(),
      ['worker#broadcast', 'worker#transactional'],
    );
  });

  test('goes by the rate that it was told to assume until there is a reading', async () => {
    const { time, store } = newWorld();
    const pacer = openPacer(time, store, { accounts: { latest: async () => undefined } });
    await time.run(pacer.take('transactional', ONE));
    assert.equal(store.state().leases[0]?.recipientsPerSecond.toFixed(3), '0.900');
  });

  test('a mail that finds no slot in ten seconds is to come back, with its reason', async () => {
    const { time, store } = newWorld();
    const leases = [
      {
        leaseId: 'other',
        stream: 'transactional',
        recipientsPerSecond: 47,
        wantedPerSecond: 47,
        untilEpochMs: START_EPOCH_MS + 20_000,
      },
    ];
    await time.run(store.change((state) => ({ answer: undefined, state: { ...state, leases } })));
    const turn = await time.run(openPacer(time, store).take('transactional', ONE));
    assert.deepEqual(turn, { kind: 'later', delaySeconds: 10, reason: 'send_rate' });
    assert.ok(time.clock.nowEpochMs() - START_EPOCH_MS <= 10_100);
  });

  test('mail to a provider that takes less than one in ten seconds is to come back when it takes more', async () => {
    const { time, store } = newWorld();
    const gmail = { recipientsPerSecond: 0.02, loweredAtEpochMs: 0, changedAtEpochMs: 0 };
    await time.run(
      store.change((state) => ({ answer: undefined, state: { ...state, providers: { gmail } } })),
    );
    const pacer = openPacer(time, store);
    const mails = [1, 2].map(() => pacer.take('transactional', { recipients: 1, provider: 'gmail' }));
    const [first, second] = await time.run(Promise.all(mails));
    assert.deepEqual(first, { kind: 'now', afterMs: 0, perSecond: 5 });
    assert.deepEqual(second, { kind: 'later', delaySeconds: 50, reason: 'mailbox_provider' });
  });

  test('trouble of the store is thrown, and the next mail asks anew', async () => {
    const { time, store } = newWorld();
    let isDown = true;
    const failing: Pick<PaceStore, 'change'> = {
      change: (decide) => (isDown ? Promise.reject(new Error('down')) : store.change(decide)),
    };
    const pacer = openPacer(time, failing);
    await assert.rejects(time.run(pacer.take('transactional', ONE)), /down/);
    isDown = false;
    assert.equal((await time.run(pacer.take('transactional', ONE))).kind, 'now');
  });

  test('trouble of the store does not matter while a lease is good', async () => {
    const { time, store } = newWorld();
    let isDown = false;
    const failing: Pick<PaceStore, 'change'> = {
      change: (decide) => (isDown ? Promise.reject(new Error('down')) : store.change(decide)),
    };
    const pacer = openPacer(time, failing);
    await time.run(pacer.take('transactional', ONE));
    isDown = true;
    await time.run(time.sleep(1_500));
    const batch = Array.from({ length: 20 }, () => pacer.take('transactional', ONE));
    const turns = await time.run(Promise.all(batch));
    assert.ok(turns.every(({ kind }) => kind === 'now'));
  });

  test('a crowd at the store is waited out', async () => {
    const { time, store } = newWorld();
    let crowded = 3;
    const contended: Pick<PaceStore, 'change'> = {
      change: (decide) => {
        crowded -= 1;
        return crowded > 0 ? Promise.reject(new ContendedError('The pace')) : store.change(decide);
      },
    };
    const turn = await time.run(openPacer(time, contended).take('transactional', ONE));
    assert.equal(turn.kind, 'now');
  });

  test('a clock that is set back makes a pacer ask for a lease of the new time', async () => {
    const time = createVirtualTime(START_EPOCH_MS);
    let backMs = 0;
    const clock = { nowEpochMs: () => time.clock.nowEpochMs() - backMs };
    const store = createStoreFake(time, () => 1);
    const pacer = openPacer(time, store, { clock });
    await time.run(pacer.take('transactional', ONE));
    backMs = 3_600_000;
    assert.equal((await time.run(pacer.take('transactional', ONE))).kind, 'now');
    assert.equal(store.counts.writes, 2);
  });
});
