import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type ProviderCeiling, providerCeiling } from '../../../shared/pace/provider-ceiling.ts';

const NOW = Date.UTC(2026, 10, 23);
const MINUTE_MS = 60_000;
const TROUBLE = { delayed: 50, delivered: 50 };
const QUIET = { delayed: 0, delivered: 100 };

const lowered = (recipientsPerSecond: number, atEpochMs = NOW): ProviderCeiling => ({
  recipientsPerSecond,
  loweredAtEpochMs: atEpochMs,
  changedAtEpochMs: atEpochMs,
});

describe('what a provider takes', () => {
  test('a provider is not held back without trouble', () => {
    assert.equal(providerCeiling(undefined, QUIET, NOW, 40), undefined);
  });

  test('a provider is not held back for a few delays, nor for a small part', () => {
    assert.equal(providerCeiling(undefined, { delayed: 4, delivered: 0 }, NOW, 40), undefined);
    assert.equal(providerCeiling(undefined, { delayed: 40, delivered: 1_000 }, NOW, 40), undefined);
  });

  test('the ceiling of a provider is half of the rate after trouble, and half of that after more', () => {
    const once = providerCeiling(undefined, TROUBLE, NOW, 40);
    assert.equal(once?.recipientsPerSecond, 20);
    assert.equal(providerCeiling(once, TROUBLE, NOW + 3 * MINUTE_MS, 40)?.recipientsPerSecond, 10);
  });

  test('the ceiling of a provider is not halved again while the last cut cannot have shown yet', () => {
    const state = lowered(20);
    assert.equal(providerCeiling(state, TROUBLE, NOW + MINUTE_MS, 40)?.recipientsPerSecond, 20);
  });

  test('the ceiling rises by a twentieth of the rate in each quiet minute, and ends at the full rate', () => {
    const later = providerCeiling(lowered(20), QUIET, NOW + MINUTE_MS, 40);
    assert.equal(later?.recipientsPerSecond, 22);
    assert.equal(providerCeiling(later, QUIET, NOW + 10 * MINUTE_MS, 40), undefined);
  });

  test('the ceiling of a provider never falls to nothing, and recovers within half an hour', () => {
    const signals = fc.record({ delayed: fc.nat(200), delivered: fc.nat(200) });
    fc.assert(
      fc.property(fc.array(signals, { maxLength: 60 }), fc.integer({ min: 1, max: 200 }), (told, rate) => {
        let state: ProviderCeiling | undefined;
        let nowEpochMs = NOW;
        const look = (next: { delayed: number; delivered: number }) => {
          nowEpochMs += MINUTE_MS;
          state = providerCeiling(state, next, nowEpochMs, rate);
        };
        for (const each of told) {
          look(each);
          if (state !== undefined)
            assert.ok(state.recipientsPerSecond >= 0.2 && state.recipientsPerSecond <= rate);
        }
        for (let minute = 0; minute < 30; minute++) look(QUIET);
        assert.equal(state, undefined);
      }),
    );
  });
});
