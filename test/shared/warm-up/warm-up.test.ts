import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { StreamSettings } from '../../../shared/streams/stream-settings.ts';
import {
  allowanceOn,
  chunkOf,
  decideWarmUp,
  needsOf,
  startThatMakesToday,
  warmUpDay,
} from '../../../shared/warm-up/warm-up.ts';

const NOON = Date.parse('2026-11-23T12:00:00Z');
const PLAN = { start: 200, growth: 1.5, target: 1_000 };

const settingsOf = (warmUp: StreamSettings['warmUp']) =>
  ({ name: 'broadcast', ...(warmUp === undefined ? {} : { warmUp }) }) as const;

describe('a warm-up plan', () => {
  test('a warm-up plan grows from its start to its target, and stays there', () => {
    assert.deepEqual(
      [1, 2, 3, 4, 5, 6, 90].map((day) => allowanceOn(PLAN, day)),
      [200, 300, 450, 675, 1_000, 1_000, 1_000],
    );
  });

  test('a plan by day holds its last volume from then on', () => {
    assert.deepEqual(
      [1, 2, 3, 4].map((day) => allowanceOn([50, 100, 150], day)),
      [50, 100, 150, 150],
    );
  });

  test('a plan starts with its first volume where a clock says that it has not started', () => {
    assert.equal(allowanceOn(PLAN, 0), 200);
  });

  test('a warm-up plan counts UTC days from its start', () => {
    assert.equal(warmUpDay('2026-11-23', Date.parse('2026-11-23T00:00:00Z')), 1);
    assert.equal(warmUpDay('2026-11-23', Date.parse('2026-11-23T23:59:59.999Z')), 1);
    assert.equal(warmUpDay('2026-11-23', Date.parse('2026-11-24T00:00:00Z')), 2);
    assert.equal(warmUpDay('2026-02-28', Date.parse('2026-03-01T00:00:00Z')), 2);
  });

  test('a warm-up plan can be set to a day', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 0, max: 86_400_000 }), (day, ms) => {
        assert.equal(warmUpDay(startThatMakesToday(day, NOON + ms), NOON + ms), day);
      }),
    );
  });
});

describe('a chunk of the ledger', () => {
  test('a chunk is a twentieth of what is left, at least what is needed, and never more than is left', () => {
    assert.equal(chunkOf(1, 1_000), 50);
    assert.equal(chunkOf(80, 1_000), 80);
    assert.equal(chunkOf(1, 5), 1);
    assert.equal(chunkOf(3, 2), 0);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.nat(100_000), (need, left) => {
        const chunk = chunkOf(need, left);
        assert.ok(chunk <= left && (chunk === 0 ? need > left : chunk >= need));
      }),
    );
  });

  test('a day is used up chunk by chunk to the last recipient', () => {
    let left = 5_000;
    let chunks = 0;
    for (let chunk = chunkOf(1, left); chunk > 0; chunk = chunkOf(1, left)) {
      left -= chunk;
      chunks += 1;
    }
    assert.equal(left, 0);
    assert.ok(chunks < 160);
  });
});

describe('what a mail needs of the ledger', () => {
  test('a mail needs all its recipients of the stream, and those of a provider with a plan of its own', () => {
    const settings = settingsOf({ plan: PLAN, providers: { gmail: [10] }, waits: false });
    const needs = needsOf(settings, ['gmail', 'rest', 'gmail', 'yahoo'], '2026-11-22', NOON);
    assert.deepEqual(needs, [
      { line: { stream: 'broadcast', day: '2026-11-23', provider: 'gmail' }, recipients: 2, allowance: 10 },
      { line: { stream: 'broadcast', day: '2026-11-23', provider: 'all' }, recipients: 4, allowance: 300 },
    ]);
  });

  test('a mail needs nothing of the ledger without a plan', () => {
    assert.deepEqual(needsOf(settingsOf(undefined), ['gmail'], '2026-11-22', NOON), []);
  });
});

describe('how a mail of a warming pool leaves', () => {
  const warmUp = { plan: PLAN, waits: false };
  const facts = { settings: { warmUp }, poolHasAddress: true, isCovered: true, nowEpochMs: NOON };

  test('a mail of a warming pool leaves by the pool within the allowance', () => {
    assert.deepEqual(decideWarmUp(facts), { kind: 'dedicated', reason: 'within_allowance' });
  });

  test('a mail above the allowance leaves by the overflow', () => {
    const decision = decideWarmUp({ ...facts, isCovered: false });
    assert.deepEqual(decision, { kind: 'overflow', reason: 'allowance_used_up' });
  });

  test('a mail above the allowance leaves tomorrow, where the plan says so', () => {
    const settings = { warmUp: { ...warmUp, waits: true } };
    const dueEpochMs = Date.parse('2026-11-24T00:00:00Z');
    assert.deepEqual(decideWarmUp({ ...facts, settings, isCovered: false }), {
      kind: 'wait-for-tomorrow',
      reason: 'allowance_used_up',
      dueEpochMs,
    });
  });

  test('a mail leaves by shared addresses while the pool has none', () => {
    const decision = decideWarmUp({ ...facts, poolHasAddress: false });
    assert.deepEqual(decision, { kind: 'shared', reason: 'pool_without_address' });
  });

  test('a mail leaves by the pool where there is no plan', () => {
    assert.equal(decideWarmUp({ ...facts, settings: {} }).reason, 'no_plan');
  });
});
