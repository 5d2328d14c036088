import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Claim, fairSplit } from '../../../shared/pace/fair-split.ts';

const claim: fc.Arbitrary<Claim> = fc.record({
  wanted: fc.double({ min: 0, max: 500, noNaN: true }),
  weight: fc.double({ min: 0.1, max: 100, noNaN: true }),
});
const claims = fc.array(claim, { minLength: 1, maxLength: 8 });
const capacity = fc.double({ min: 0, max: 500, noNaN: true });
const sum = (parts: readonly number[]) => parts.reduce((total, part) => total + part, 0);

describe('a fair split', () => {
  test('gives no claimant more than it wants, and all together no more than there is', () => {
    fc.assert(
      fc.property(capacity, claims, (all, wanting) => {
        const parts = fairSplit(all, wanting);
        assert.ok(sum(parts) <= all + 1e-6);
        for (const [index, part] of parts.entries()) assert.ok(part <= (wanting[index]?.wanted ?? 0) + 1e-9);
      }),
    );
  });

  test('leaves nothing while a claimant wants more', () => {
    fc.assert(
      fc.property(capacity, claims, (all, wanting) => {
        const wanted = sum(wanting.map((each) => each.wanted));
        assert.ok(sum(fairSplit(all, wanting)) >= Math.min(all, wanted) - 1e-6);
      }),
    );
  });

  test('gives each claimant its weight of the whole, or all it wants', () => {
    fc.assert(
      fc.property(capacity, claims, (all, wanting) => {
        const weights = sum(wanting.map(({ weight }) => weight));
        for (const [index, part] of fairSplit(all, wanting).entries()) {
          const { wanted, weight } = wanting[index] ?? { wanted: 0, weight: 0 };
          assert.ok(part >= Math.min(wanted, (all * weight) / weights) - 1e-6);
        }
      }),
    );
  });
});
