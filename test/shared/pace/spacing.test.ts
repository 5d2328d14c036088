import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  type HeldRate,
  NEW_SPACING,
  nextSlot,
  type PacedMail,
  type Spacing,
} from '../../../shared/pace/spacing.ts';

const NOW = 1_000_000;
const rateOf = (recipientsPerSecond: number, overrides: Partial<HeldRate> = {}): HeldRate => ({
  recipientsPerSecond,
  sendUntilEpochMs: NOW + 60_000,
  recipientsLeft: 10_000,
  largestMail: 1,
  providersPerSecond: {},
  ...overrides,
});

interface Sent {
  readonly atEpochMs: number;
  readonly recipients: number;
}

/** Asks again when it is told to, as a worker does; the rate may change on the way. */
function sendAll(mails: readonly { mail: PacedMail; pauseMs: number; rate: HeldRate }[]): readonly Sent[] {
  let spacing: Spacing = NEW_SPACING;
  let nowEpochMs = NOW;
  const sent: Sent[] = [];
  for (const { mail, pauseMs, rate } of mails) {
    nowEpochMs += pauseMs;
    let slot = nextSlot(spacing, mail, rate, nowEpochMs);
    while (slot.kind === 'early') {
      nowEpochMs = Math.ceil(slot.fromEpochMs);
      slot = nextSlot(spacing, mail, rate, nowEpochMs);
    }
    if (slot.kind !== 'slot') continue;
    spacing = slot.spacing;
    sent.push({ atEpochMs: slot.atEpochMs, recipients: mail.recipients });
  }
  return sent;
}

const inWindowFrom = (sent: readonly Sent[], fromEpochMs: number): number =>
  sent
    .filter(({ atEpochMs }) => atEpochMs >= fromEpochMs && atEpochMs < fromEpochMs + 1000)
    .reduce((sum, { recipients }) => sum + recipients, 0);

describe('slots inside a lease', () => {
  test('no second has more recipients than the rate, with any sizes and pauses', () => {
    const step = fc.record({
      mail: fc.record({ recipients: fc.integer({ min: 1, max: 8 }) }),
      pauseMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 700 })),
    });
    fc.assert(
      fc.property(fc.integer({ min: 8, max: 60 }), fc.array(step, { maxLength: 80 }), (rate, steps) => {
        const sent = sendAll(steps.map((each) => ({ ...each, rate: rateOf(rate) })));
        assert.equal(sent.length, steps.length);
        for (const { atEpochMs } of sent) assert.ok(inWindowFrom(sent, atEpochMs) <= rate);
      }),
    );
  });

  test('slots come in the order of asking', () => {
    const mails = [3, 1, 7, 1].map((recipients) => ({ mail: { recipients }, pauseMs: 0, rate: rateOf(10) }));
    const times = sendAll(mails).map(({ atEpochMs }) => atEpochMs);
    assert.deepEqual(
      times,
      times.toSorted((one, other) => one - other),
    );
  });

  test('one recipient after the other leaves at even distances', () => {
    const mails = Array.from({ length: 5 }, () => ({ mail: { recipients: 1 }, pauseMs: 0, rate: rateOf(4) }));
    assert.deepEqual(
      sendAll(mails).map(({ atEpochMs }) => atEpochMs - NOW),
      [0, 250, 500, 750, 1000],
    );
  });

  test('a faster lease is not held up by the slots of a slower one', () => {
    const slow = { mail: { recipients: 1 }, pauseMs: 0, rate: rateOf(1) };
    const fast = { mail: { recipients: 1 }, pauseMs: 0, rate: rateOf(10) };
    const times = sendAll([slow, fast, fast]).map(({ atEpochMs }) => atEpochMs - NOW);
    assert.deepEqual(times, [0, 100, 200]);
  });

  test('a mail of more recipients than the rate has a second for itself', () => {
    const rate = rateOf(4, { largestMail: 9 });
    const mails = [1, 9, 1].map((recipients) => ({ mail: { recipients }, pauseMs: 0, rate }));
    const times = sendAll(mails).map(({ atEpochMs }) => atEpochMs - NOW);
    assert.deepEqual(times, [0, 1000, 3250]);
  });

  test('a mail that the lease was not asked for with needs another one', () => {
    assert.deepEqual(nextSlot(NEW_SPACING, { recipients: 9 }, rateOf(4), NOW), { kind: 'lease' });
  });

  test('nothing leaves after the lease, nor above what the quota left to it', () => {
    const over = rateOf(4, { sendUntilEpochMs: NOW });
    assert.deepEqual(nextSlot(NEW_SPACING, { recipients: 1 }, over, NOW), { kind: 'lease' });
    const spent = rateOf(4, { recipientsLeft: 0 });
    assert.deepEqual(nextSlot(NEW_SPACING, { recipients: 1 }, spent, NOW), { kind: 'lease' });
  });

  test('a slot more than half a second ahead is not given yet', () => {
    const first = nextSlot(NEW_SPACING, { recipients: 1 }, rateOf(1), NOW);
    assert.equal(first.kind, 'slot');
    if (first.kind !== 'slot') return;
    const second = nextSlot(first.spacing, { recipients: 1 }, rateOf(1), NOW);
    assert.deepEqual(second, { kind: 'early', fromEpochMs: NOW + 500 });
  });

  test('a provider that is held back gets its own rate, and others pass', () => {
    const rate = rateOf(10, { providersPerSecond: { gmail: 0.5 } });
    const first = nextSlot(NEW_SPACING, { recipients: 1, provider: 'gmail' }, rate, NOW);
    assert.equal(first.kind, 'slot');
    if (first.kind !== 'slot') return;
    const again = nextSlot(first.spacing, { recipients: 1, provider: 'gmail' }, rate, NOW);
    assert.deepEqual(again, { kind: 'provider', fromEpochMs: NOW + 2000 });
    const other = nextSlot(first.spacing, { recipients: 1, provider: 'yahoo' }, rate, NOW);
    assert.equal(other.kind === 'slot' && other.atEpochMs, NOW + 100);
  });
});
