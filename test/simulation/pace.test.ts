import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  createMailQueue,
  createPaceWorld,
  type MailQueue,
  mailsOf,
  type PaceWorld,
  START_EPOCH_MS,
  work,
} from '../support/pace/pace-world.ts';

const SHARES = { transactional: 70, broadcast: 30 };

const workAll = (world: PaceWorld, queues: readonly MailQueue[], workers: number): Promise<unknown> =>
  world.time.run(
    Promise.all(queues.flatMap((queue) => Array.from({ length: workers }, () => work(world, queue)))),
  );

const secondsTaken = ({ ses }: PaceWorld): number =>
  ((ses.sent.at(-1)?.atEpochMs ?? START_EPOCH_MS) - START_EPOCH_MS) / 1000;

/** Adds so many a second, evenly, as an application does. */
async function addEvenly({ time }: PaceWorld, queue: MailQueue, perSecond: number, seconds: number) {
  for (let count = 0; count < perSecond * seconds; count++) {
    queue.add([{ recipients: 1 }]);
    await time.sleep(1000 / perSecond);
  }
}

describe('pace in virtual time, before an SES that takes its rate strictly', () => {
  test('a burst of 5,000 from four workers and two streams is sent whole with few writes, and none refused', async () => {
    const world = createPaceWorld({ maxSendRate: 50, shares: SHARES });
    const transactional = createMailQueue(world, 'transactional');
    const broadcast = createMailQueue(world, 'broadcast');
    transactional.add(mailsOf(1_500));
    broadcast.add(mailsOf(3_500));
    await workAll(world, [transactional, broadcast], 2);

    assert.equal(world.ses.refused(), 0);
    assert.equal(world.ses.sent.length, 5_000);
    assert.ok(world.store.counts.writes <= 500, `${world.store.counts.writes} writes`);
    assert.ok(secondsTaken(world) < 125, `${secondsTaken(world)} s; 105 at the ceiling`);
  });

  for (const maxSendRate of [1, 2, 3, 5, 14, 80, 200]) {
    for (const workers of [1, 2, 5]) {
      test(`${workers} workers for each stream at ${maxSendRate} a second send all mail, and SES refuses none`, async () => {
        const world = createPaceWorld({ maxSendRate, shares: SHARES, seed: maxSendRate * 10 + workers });
        const largest = Math.max(1, Math.floor(maxSendRate / 5));
        const queues = ['transactional', 'broadcast'].map((stream) => createMailQueue(world, stream));
        const count = 20 + maxSendRate * 2;
        for (const queue of queues) queue.add(mailsOf(count, () => 1 + Math.floor(world.chance() * largest)));
        await workAll(world, queues, workers);

        assert.equal(world.ses.refused(), 0);
        assert.equal(world.ses.sent.length, 2 * count);
      });
    }
  }

  test('a stream has the rate that another leaves, and its share when it comes back to it', async () => {
    const world = createPaceWorld({ maxSendRate: 50, shares: SHARES });
    const transactional = createMailQueue(world, 'transactional');
    const broadcast = createMailQueue(world, 'broadcast');
    broadcast.add(mailsOf(4_000));
    const comesBack = async () => {
      await world.time.sleep(30_000);
      transactional.add(mailsOf(600));
      await work(world, transactional);
    };
    await world.time.run(Promise.all([comesBack(), work(world, broadcast), work(world, broadcast)]));

    const countOf = (stream: string, fromSecond: number, toSecond: number) =>
      world.ses.sent.filter(
        (each) =>
          each.stream === stream &&
          each.atEpochMs >= START_EPOCH_MS + fromSecond * 1000 &&
          each.atEpochMs < START_EPOCH_MS + toSecond * 1000,
      ).length;
    assert.ok(countOf('broadcast', 10, 30) >= 20 * 44, 'alone it has all but the reserve');
    assert.ok(countOf('transactional', 30, 31.5) > 0, 'the reserve is there at once');
    assert.ok(countOf('transactional', 35, 45) >= 10 * 33, 'its share of 33 a second, after five seconds');
    assert.equal(world.ses.refused(), 0);
  });

  test('a trickle beside a newsletter goes out within half a second', async () => {
    const world = createPaceWorld({ maxSendRate: 50, shares: SHARES });
    const transactional = createMailQueue(world, 'transactional');
    const broadcast = createMailQueue(world, 'broadcast');
    broadcast.add(mailsOf(3_000));
    const waitedMs: number[] = [];
    const onSent = ({ addedAtEpochMs }: { addedAtEpochMs: number }) =>
      waitedMs.push(world.time.clock.nowEpochMs() - addedAtEpochMs);
    const untilEpochMs = START_EPOCH_MS + 60_000;
    await world.time.run(
      Promise.all([
        addEvenly(world, transactional, 0.5, 60),
        work(world, transactional, { untilEpochMs, onSent }),
        work(world, broadcast),
        work(world, broadcast),
      ]),
    );
    assert.equal(waitedMs.length, 30);
    assert.ok(Math.max(...waitedMs) < 500, `${Math.max(...waitedMs)} ms`);
  });

  for (const [perSecond, workers] of [
    [2, 2],
    [10, 4],
    [40, 4],
  ] as const) {
    test(`a steady load of ${perSecond} a second costs at most 0.1 writes for a mail`, async () => {
      const world = createPaceWorld({ maxSendRate: 50, shares: SHARES });
      const queues = ['transactional', 'broadcast'].map((stream) => createMailQueue(world, stream));
      const untilEpochMs = START_EPOCH_MS + 120_000;
      const all = queues.flatMap((queue) => [
        addEvenly(world, queue, perSecond / 2, 120),
        ...Array.from({ length: workers / 2 }, () => work(world, queue, { untilEpochMs })),
      ]);
      await world.time.run(Promise.all(all));

      const { sent, refused } = world.ses;
      assert.equal(refused(), 0);
      assert.equal(sent.length, perSecond * 120);
      assert.ok(
        world.store.counts.writes <= sent.length * 0.1,
        `${world.store.counts.writes} for ${sent.length}`,
      );
    });
  }

  test('workers that die take their leases along for some seconds, and nothing else', async () => {
    const world = createPaceWorld({ maxSendRate: 50, shares: SHARES });
    const queue = createMailQueue(world, 'transactional');
    queue.add(mailsOf(1_500));
    const deaths = [2_000, 7_000, 11_000, 13_500].map((ms) => START_EPOCH_MS + ms);
    const mortal = deaths.map((diesAtEpochMs) => work(world, queue, { diesAtEpochMs }));
    await world.time.run(Promise.all([...mortal, work(world, queue), work(world, queue)]));

    assert.equal(world.ses.refused(), 0);
    assert.equal(world.ses.sent.length, 1_500);
    assert.ok(secondsTaken(world) < 60, `${secondsTaken(world)} s`);
  });

  test('the 24-hour quota is never passed; mail above it waits and says so', async () => {
    const world = createPaceWorld({ maxSendRate: 14, max24HourSend: 500, shares: SHARES });
    const queue = createMailQueue(world, 'transactional');
    queue.add(mailsOf(700));
    let isOver = false;
    const readings = async () => {
      while (!isOver) {
        await world.time.sleep(60_000);
        const readAtEpochMs = world.time.clock.nowEpochMs();
        const sentLast24Hours = world.ses.sent.filter(
          ({ atEpochMs }) => atEpochMs > readAtEpochMs - 86_400_000,
        ).length;
        world.reading = { ...world.reading, sentLast24Hours, readAtEpochMs };
      }
    };
    const reasons = new Set<string>();
    const onSent = ({ waits }: { waits: readonly { reason: string }[] }) => {
      for (const { reason } of waits) reasons.add(reason);
    };
    const all = [work(world, queue, { onSent }), work(world, queue, { onSent })];
    const finished = Promise.all(all).finally(() => {
      isOver = true;
    });
    await world.time.run(Promise.all([finished, readings()]));

    assert.equal(world.ses.sent.length, 700);
    const firstDay = world.ses.sent.filter(({ atEpochMs }) => atEpochMs < START_EPOCH_MS + 86_400_000);
    assert.ok(firstDay.length <= 500, `${firstDay.length} on the first day`);
    assert.ok(firstDay.length >= 490, `${firstDay.length} on the first day`);
    assert.ok(reasons.has('daily_quota'));
  });

  test('a provider that is held back waits alone', async () => {
    const world = createPaceWorld({ maxSendRate: 50, shares: SHARES });
    const untouched = { loweredAtEpochMs: START_EPOCH_MS, changedAtEpochMs: START_EPOCH_MS };
    await world.time.run(
      world.store.change((state) => ({
        answer: undefined,
        state: { ...state, providers: { gmail: { recipientsPerSecond: 2, ...untouched } } },
      })),
    );
    const queue = createMailQueue(world, 'transactional');
    const mails = mailsOf(1_000).map((mail, index) => ({
      ...mail,
      provider: index % 10 === 0 ? ('gmail' as const) : ('rest' as const),
    }));
    queue.add(mails);
    await workAll(world, [queue], 2);

    const secondsOf = (provider: string) => {
      const sent = world.ses.sent.filter(({ mail }) => mail.provider === provider);
      return ((sent.at(-1)?.atEpochMs ?? 0) - START_EPOCH_MS) / 1000;
    };
    assert.equal(world.ses.refused(), 0);
    assert.equal(world.ses.sent.length, 1_000);
    assert.ok(secondsOf('gmail') > 40, `gmail took ${secondsOf('gmail')} s for 100`);
    assert.ok(secondsOf('gmail') < 120, `gmail took ${secondsOf('gmail')} s for 100`);
  });
});
