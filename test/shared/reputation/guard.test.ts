import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  addToWindow,
  decideGuard,
  EMPTY_WINDOW,
  type ReputationWindow,
  type SendingEvent,
  totalOf,
} from '../../../shared/reputation/guard.ts';
import type { ReputationSubject } from '../../../shared/reputation/ports.ts';
import {
  type Counted,
  createReputationCounter,
} from '../../../shared/reputation/services/reputation-counter.ts';

const NOW = Date.UTC(2026, 10, 23);
const LINES = { bouncePercent: 4, complaintPercent: 0.08 };

const events = (kind: SendingEvent['kind'], count: number, mailSentAtEpochMs = NOW): SendingEvent[] =>
  Array.from({ length: count }, () => ({ kind, mailSentAtEpochMs }));

const counts = (sent: number, bounced = 0, complained = 0) => ({ sent, bounced, complained });

describe('the guard', () => {
  const table: readonly [counts: ReturnType<typeof counts>, kind: string][] = [
    [counts(0), 'ok'],
    [counts(10_000, 199), 'ok'],
    [counts(10_000, 200), 'warn'],
    [counts(10_000, 399), 'warn'],
    [counts(10_000, 400), 'pause'],
    [counts(10_000, 0, 3), 'ok'],
    [counts(10_000, 0, 4), 'warn'],
    [counts(10_000, 0, 8), 'pause'],
    [counts(10, 10), 'ok'],
    [counts(10, 0, 1), 'ok'],
    [counts(50, 40), 'pause'],
    [counts(900, 0, 4), 'pause'],
  ];
  for (const [each, kind] of table) {
    test(`says ${kind} to ${each.bounced} bounces and ${each.complained} complaints of ${each.sent}`, () => {
      assert.equal(decideGuard(each, LINES).kind, kind);
    });
  }

  test('says which rate it is, and the line', () => {
    assert.equal(
      decideGuard(counts(10_000, 450), LINES).reason,
      'bounce_rate: 4.50 % of the last 10000, line 4 %',
    );
    assert.match(decideGuard(counts(10_000, 0, 9), LINES).reason, /^complaint_rate: 0\.090 %/);
  });

  test('pauses before AWS reviews an account, at 5 % and 0.1 %', () => {
    fc.assert(
      fc.property(fc.integer({ min: 5_000, max: 10_000 }), (sent) => {
        assert.equal(decideGuard(counts(sent, Math.ceil(sent * 0.05)), LINES).kind, 'pause');
        assert.equal(decideGuard(counts(sent, 0, Math.ceil(sent * 0.001)), LINES).kind, 'pause');
      }),
    );
  });
});

describe('the window of a reputation', () => {
  test('the window of a reputation holds the last ten thousand and a bit, and lets the oldest fall out', () => {
    let window: ReputationWindow = EMPTY_WINDOW;
    window = addToWindow(window, events('bounced', 100));
    for (let chunk = 0; chunk < 300; chunk++) window = addToWindow(window, events('sent', 100));
    const total = totalOf(window);
    assert.equal(total.bounced, 0);
    assert.ok(total.sent >= 9_500 && total.sent <= 10_500, `${total.sent}`);
  });

  test('the window of a reputation does not depend on how events are cut, while it is not full', () => {
    const kinds = fc.constantFrom<SendingEvent['kind']>('sent', 'bounced', 'complained');
    fc.assert(
      fc.property(fc.array(fc.array(kinds, { maxLength: 20 }), { maxLength: 20 }), (chunks) => {
        const all = chunks.map((chunk) => chunk.flatMap((kind) => events(kind, 1)));
        const inChunks = all.reduce(addToWindow, EMPTY_WINDOW);
        assert.deepEqual(totalOf(inChunks), totalOf(addToWindow(EMPTY_WINDOW, all.flat())));
      }),
    );
  });

  test('a window that was begun anew ignores reports about mail of before', () => {
    const resumed = { ...EMPTY_WINDOW, startedAtEpochMs: NOW };
    const late = addToWindow(resumed, events('bounced', 500, NOW - 1));
    assert.equal(decideGuard(totalOf(late), LINES).kind, 'ok');
    const fresh = addToWindow(late, events('bounced', 40, NOW));
    assert.equal(decideGuard(totalOf(fresh), LINES).kind, 'pause');
  });
});

describe('the counter of a worker', () => {
  const SUBJECT: ReputationSubject = 'stream#broadcast';

  function open() {
    const clock = { now: NOW, nowEpochMs: () => clock.now };
    const written: (readonly SendingEvent[])[] = [];
    let window = EMPTY_WINDOW;
    const store = {
      isDown: false,
      failing: '',
      add: async (subject: ReputationSubject, added: readonly SendingEvent[]) => {
        if (store.isDown || subject === store.failing) throw new Error('down');
        written.push(added);
        window = addToWindow(window, added);
        return window;
      },
    };
    return { clock, written, store, counter: createReputationCounter(store, clock) };
  }

  const countAll = ({ counter }: ReturnType<typeof open>, all: readonly SendingEvent[]) => {
    for (const event of all) counter.count(SUBJECT, event);
  };

  const flushed = async ({ counter }: ReturnType<typeof open>) => {
    const counted: Counted[] = [];
    await counter.flush(async (each) => void counted.push(each));
    return counted;
  };

  test('the counter of a worker writes the first good news, and then a thousand at a time', async () => {
    const world = open();
    for (let batch = 0; batch < 251; batch++) {
      countAll(world, events('sent', 10));
      await world.counter.flush();
    }
    assert.deepEqual(
      world.written.map(({ length }) => length),
      [10, 1_000, 1_000],
    );
  });

  test('the counter of a worker writes bad news at once, with the good news before them', async () => {
    const world = open();
    countAll(world, [...events('sent', 3), ...events('bounced', 1)]);
    const [changed] = await flushed(world);
    assert.deepEqual(changed && totalOf(changed.window), counts(3, 1));
  });

  test('the counter of a worker keeps nothing longer than ten seconds of batches', async () => {
    const world = open();
    countAll(world, events('sent', 1));
    assert.equal((await flushed(world)).length, 1);
    countAll(world, events('sent', 1));
    assert.deepEqual(await flushed(world), []);
    world.clock.now += 10_000;
    assert.equal((await flushed(world)).length, 1);
  });

  test('the counter of a worker keeps the counts that could not be written', async () => {
    const world = open();
    countAll(world, events('bounced', 2));
    world.store.isDown = true;
    await assert.rejects(world.counter.flush(), /down/);
    world.store.isDown = false;
    countAll(world, events('bounced', 1));
    const [changed] = await flushed(world);
    assert.equal(changed && totalOf(changed.window).bounced, 3);
  });

  test('judges a window again that could not be, and others in spite of one that cannot be written', async () => {
    const world = open();
    countAll(world, events('bounced', 2));
    await assert.rejects(
      world.counter.flush(async () => {
        throw new Error('pause is down');
      }),
      /pause is down/,
    );
    assert.deepEqual(
      (await flushed(world)).map(({ window }) => totalOf(window).bounced),
      [2],
    );
    assert.deepEqual(await flushed(world), []);

    world.counter.count('stream#other', ...events('bounced', 1));
    world.store.failing = SUBJECT;
    countAll(world, events('bounced', 1));
    const judged: string[] = [];
    await assert.rejects(
      world.counter.flush(async ({ subject }) => void judged.push(subject)),
      /down/,
    );
    assert.deepEqual(judged, ['stream#other']);
  });
});
