import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  admitCall,
  afterFailure,
  afterSilence,
  afterSuccess,
  type Probe,
  takeProbe,
  UNKNOWN_HEALTH,
  type WebhookHealth,
} from '../../../shared/webhooks/webhook-health.ts';
import { NOON } from '../../support/messages/message-builders.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const QUICK: WebhookHealth = { isQuick: true, failures: 0 };

/** After failures at these times. */
const failedAt = (times: readonly number[], start = UNKNOWN_HEALTH): WebhookHealth =>
  times.reduce((health, epochMs) => afterFailure(health, epochMs).state ?? health, start);

const BROKEN = failedAt([0, 1, 2, 3, 4].map((second) => NOON + second * SECOND_MS));
const CLOSES_AT = NOON + 4 * SECOND_MS + 5 * SECOND_MS;

function probeOf(health: WebhookHealth, nowEpochMs: number): { probe: Probe; health: WebhookHealth } {
  const { answer, state } = takeProbe(health, { nowEpochMs, jitter: 0 });
  assert.ok(answer.kind === 'call' && answer.probe !== undefined && state !== undefined);
  return { probe: answer.probe, health: state };
}

describe('whether an endpoint is quick', () => {
  const admit = (health: WebhookHealth, queue: 'quick' | 'slow') =>
    admitCall(health, queue, { nowEpochMs: NOON, jitter: 0 }).kind;

  test('nothing is known at first: its events go to the slow queue', () => {
    assert.equal(admit(UNKNOWN_HEALTH, 'quick'), 'use-slow-queue');
    assert.equal(admit(UNKNOWN_HEALTH, 'slow'), 'call');
  });

  test('a success within two seconds makes it quick', () => {
    const { state } = afterSuccess(UNKNOWN_HEALTH, { tookMs: 2_000, nowEpochMs: NOON });
    assert.deepEqual(state, QUICK);
    assert.equal(admit(QUICK, 'quick'), 'call');
    assert.equal(afterSuccess(UNKNOWN_HEALTH, { tookMs: 2_001, nowEpochMs: NOON }).state, undefined);
  });

  test('an endpoint is quick again only some time after a silence: twice as long for each, up to an hour', () => {
    let health = QUICK;
    let nowEpochMs = NOON;
    const waits = Array.from({ length: 8 }, () => {
      health = afterSilence(health, nowEpochMs).state ?? health;
      const waitMs = (health.silence?.slowUntilEpochMs ?? 0) - nowEpochMs;
      const early = { tookMs: 30, nowEpochMs: nowEpochMs + waitMs - 1 };
      assert.equal((afterSuccess(health, early).state ?? health).isQuick, false);
      nowEpochMs += waitMs;
      health = afterSuccess(health, { tookMs: 30, nowEpochMs }).state ?? health;
      assert.equal(health.isQuick, true);
      return waitMs / 60_000;
    });
    assert.deepEqual(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
    const later = afterSilence(health, nowEpochMs + 2 * 86_400_000).state;
    assert.equal(later?.silence?.count, 1);
  });

  test('an endpoint is quick no more after a success that takes longer, a silence and a failure', () => {
    const after = [
      afterSuccess(QUICK, { tookMs: 2_001, nowEpochMs: NOON }),
      afterSilence(QUICK, NOON),
      afterFailure(QUICK, NOON),
    ];
    for (const { state } of after) {
      assert.equal(state?.isQuick, false);
      assert.equal(state && admit(state, 'quick'), 'use-slow-queue');
    }
  });

  test('it is written only when it changes', () => {
    assert.equal(afterSuccess(QUICK, { tookMs: 30, nowEpochMs: NOON }).state, undefined);
    assert.equal(afterSilence({ ...QUICK, isQuick: false }, NOON).state, undefined);
    assert.deepEqual(afterSuccess(failedAt([NOON]), { tookMs: 30, nowEpochMs: NOON }).state, QUICK);
  });
});

describe('the breaker of an endpoint', () => {
  test('a breaker opens with the fifth failure in a row, for five seconds', () => {
    const times = [0, 1, 2, 3].map((second) => NOON + second * SECOND_MS);
    assert.equal(failedAt(times).breaker, undefined);
    assert.deepEqual(BROKEN.breaker, { openings: 1, openUntilEpochMs: CLOSES_AT });
    const interrupted = afterSuccess(failedAt(times), { tookMs: 30, nowEpochMs: NOON }).state;
    assert.equal(failedAt([NOON + MINUTE_MS], interrupted).breaker, undefined);
  });

  test('a breaker keeps jobs waiting until it closes at least, and five minutes at the most', () => {
    for (const jitter of [0, 0.5, 1]) {
      const admission = admitCall(BROKEN, 'slow', { nowEpochMs: CLOSES_AT - 5 * SECOND_MS, jitter });
      assert.deepEqual(admission, { kind: 'wait', delaySeconds: 5 });
    }
    const long = { ...BROKEN, breaker: { openings: 9, openUntilEpochMs: NOON + 5 * MINUTE_MS } };
    const delays = [0, 0.5, 1].map((jitter) =>
      admitCall(long, 'slow', { nowEpochMs: NOON + 4 * MINUTE_MS, jitter }),
    );
    assert.deepEqual(
      delays,
      [240, 270, 300].map((delaySeconds) => ({ kind: 'wait', delaySeconds })),
    );
  });

  test('a breaker lets one job through when it closes, and the others wait for that one', () => {
    assert.equal(admitCall(BROKEN, 'slow', { nowEpochMs: CLOSES_AT, jitter: 0 }).kind, 'probe');
    const { health } = probeOf(BROKEN, CLOSES_AT);
    const moment = { nowEpochMs: CLOSES_AT + 1, jitter: 0 };
    assert.equal(admitCall(health, 'slow', moment).kind, 'wait');
    assert.deepEqual(takeProbe(health, moment), { answer: { kind: 'wait', delaySeconds: 4 } });
  });

  test('a breaker lets the next job through where the first one died over its probe', () => {
    const { health } = probeOf(BROKEN, CLOSES_AT);
    const before = { nowEpochMs: CLOSES_AT + 29 * SECOND_MS, jitter: 0 };
    assert.equal(admitCall(health, 'slow', before).kind, 'wait');
    probeOf(health, CLOSES_AT + 30 * SECOND_MS);
  });

  test('a breaker opens twice as long with each probe that fails, up to five minutes', () => {
    let health = BROKEN;
    const openMs: number[] = [];
    for (let count = 0; count < 9; count += 1) {
      const nowEpochMs = health.breaker?.openUntilEpochMs ?? 0;
      const taken = probeOf(health, nowEpochMs);
      health = afterFailure(taken.health, nowEpochMs, taken.probe).state ?? health;
      openMs.push((health.breaker?.openUntilEpochMs ?? 0) - nowEpochMs);
      assert.equal(health.breaker?.probeUntilEpochMs, undefined);
    }
    assert.deepEqual(
      openMs.map((ms) => ms / SECOND_MS),
      [10, 20, 40, 80, 160, 300, 300, 300, 300],
    );
  });

  test('a breaker minds no failure of a call that began before it opened, or of a probe given up', () => {
    assert.equal(afterFailure(BROKEN, CLOSES_AT + 1).state, undefined);
    const first = probeOf(BROKEN, CLOSES_AT);
    const second = probeOf(first.health, CLOSES_AT + 30 * SECOND_MS);
    assert.equal(afterFailure(second.health, CLOSES_AT + 31 * SECOND_MS, first.probe).state, undefined);
  });

  test('any success ends it', () => {
    assert.deepEqual(afterSuccess(BROKEN, { tookMs: 30, nowEpochMs: NOON }).state, QUICK);
    assert.deepEqual(
      afterSuccess(probeOf(BROKEN, CLOSES_AT).health, { tookMs: 9_000, nowEpochMs: NOON }).state,
      UNKNOWN_HEALTH,
    );
    assert.deepEqual(takeProbe(QUICK, { nowEpochMs: NOON, jitter: 0 }), { answer: { kind: 'call' } });
  });
});

describe('an endpoint that fails for five days', () => {
  /** Each failure is one that counts. */
  const failEvery = (gapMs: number, count: number, start: WebhookHealth = UNKNOWN_HEALTH) => {
    let health = start;
    let isTooLong = false;
    for (let index = 0; index < count; index += 1) {
      const nowEpochMs = NOON + index * gapMs;
      const isOpen = health.breaker !== undefined;
      const taken = isOpen ? probeOf(health, nowEpochMs) : { health, probe: undefined };
      const { answer, state } = afterFailure(taken.health, nowEpochMs, taken.probe);
      health = state ?? health;
      isTooLong = answer;
    }
    return { health, isTooLong };
  };

  test('the first failure after that finds it out', () => {
    assert.equal(failEvery(12 * HOUR_MS, 10).isTooLong, false);
    assert.equal(failEvery(12 * HOUR_MS, 11).isTooLong, true);
  });

  test('it takes ten failures at least', () => {
    assert.equal(failEvery(24 * HOUR_MS, 9).isTooLong, false);
    assert.equal(failEvery(24 * HOUR_MS, 10).isTooLong, true);
  });

  test('it takes no success in between', () => {
    const { health } = failEvery(12 * HOUR_MS, 10);
    const after = afterSuccess(health, { tookMs: 30, nowEpochMs: NOON }).state;
    const again = afterFailure(after ?? health, NOON + 6 * DAY_MS);
    assert.equal(again.answer, false);
    assert.deepEqual([again.state?.failures, again.state?.failingSinceEpochMs], [1, NOON + 6 * DAY_MS]);
  });

  test('it counts what was tried: after two days of silence it begins anew', () => {
    const { health } = failEvery(12 * HOUR_MS, 10);
    const lastMs = NOON + 9 * 12 * HOUR_MS;
    const fail = (nowEpochMs: number) => {
      const taken = probeOf(health, nowEpochMs);
      return afterFailure(taken.health, nowEpochMs, taken.probe);
    };
    assert.equal(fail(lastMs + 2 * DAY_MS - 1).answer, true);
    const later = fail(lastMs + 2 * DAY_MS);
    assert.deepEqual([later.answer, later.state?.failures], [false, 1]);
  });
});

type Happening = 'fails' | 'succeeds' | 'is slow' | 'dies' | 'is silent';

/** An endpoint as a long history makes it, beside what is to be true of it. */
function createHistory() {
  let health = UNKNOWN_HEALTH;
  let nowEpochMs = NOON;
  let failures = 0;
  let failingSinceEpochMs = NOON;
  let probedUntilEpochMs = 0;

  const fail = (probe?: Probe) => {
    const { answer, state } = afterFailure(health, nowEpochMs, probe);
    if (failures === 0) failingSinceEpochMs = nowEpochMs;
    failures += 1;
    health = state ?? health;
    const isFiveBadDays = nowEpochMs - failingSinceEpochMs >= 5 * DAY_MS && failures >= 10;
    assert.ok(!answer || isFiveBadDays, 'too early');
    assert.ok(health.failures >= 1 && health.failures <= failures);
  };

  const succeed = (tookMs: number) => {
    health = afterSuccess(health, { tookMs, nowEpochMs }).state ?? health;
    failures = 0;
    const { silence, ...rest } = health;
    const mayBeQuick = silence === undefined || silence.slowUntilEpochMs <= nowEpochMs;
    assert.deepEqual(rest, { isQuick: tookMs <= 2_000 && mayBeQuick, failures: 0 });
  };

  const HAPPENINGS: Readonly<Record<Happening, (probe?: Probe) => void>> = {
    fails: fail,
    succeeds: () => succeed(100),
    'is slow': () => succeed(9_000),
    dies: () => {},
    'is silent': () => {
      health = afterSilence(health, nowEpochMs).state ?? health;
      assert.equal(health.isQuick, false);
    },
  };

  const takeTurn = (): Probe => {
    assert.ok(probedUntilEpochMs <= nowEpochMs, 'two probes at once');
    const taken = probeOf(health, nowEpochMs);
    health = taken.health;
    probedUntilEpochMs = taken.probe;
    return taken.probe;
  };

  return {
    /** A job comes by. */
    next(afterMs: number, what: Happening, jitter: number): void {
      nowEpochMs += afterMs;
      const admission = admitCall(health, 'slow', { nowEpochMs, jitter });
      if (admission.kind === 'wait') {
        assert.ok(admission.delaySeconds > 0 && admission.delaySeconds <= 300);
        assert.ok(failures >= 1, 'waits for an endpoint that works');
        return;
      }
      HAPPENINGS[what](admission.kind === 'probe' ? takeTurn() : undefined);
      if (what !== 'dies' && what !== 'is silent') probedUntilEpochMs = 0;
    },
  };
}

describe('whatever happens to an endpoint', () => {
  const step = fc.tuple(
    fc.oneof(
      fc.integer({ min: 0, max: 10 * SECOND_MS }),
      fc.integer({ min: 0, max: 10 * MINUTE_MS }),
      fc.integer({ min: 0, max: 30 * HOUR_MS }),
    ),
    fc.oneof(
      { weight: 4, arbitrary: fc.constant<Happening>('fails') },
      { weight: 3, arbitrary: fc.constantFrom<Happening>('succeeds', 'is slow', 'dies', 'is silent') },
    ),
    fc.double({ min: 0, max: 1, noNaN: true }),
  );

  test('one job at a time tries an open breaker, waits end in five minutes, and only five bad days disable', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const history = createHistory();
        for (const [afterMs, what, jitter] of steps) history.next(afterMs, what, jitter);
      }),
      { numRuns: 1_000 },
    );
  });
});
