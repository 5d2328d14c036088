import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { DeliveryState } from '../../../shared/webhooks/ports.ts';
import { MOST_ATTEMPTS, uniteAttempts, uniteDeliveries } from '../../../shared/webhooks/webhook-delivery.ts';
import { aDelivery, anAttempt } from '../../support/webhooks/webhook-builders.ts';

const STATES: readonly DeliveryState[] = ['success', 'pending', 'failed', 'attempting'];

describe('two records of one event', () => {
  test('the later one counts, with the attempts of both in the order of time', () => {
    const [first, second] = [anAttempt(0, { httpStatusCode: 500 }), anAttempt(5_000)];
    const known = aDelivery({ state: 'failed', attempts: [second] });
    const later = aDelivery({
      state: 'pending',
      attempts: [first],
      nextAttemptAt: '2026-11-23T12:05:00.000Z',
    });
    assert.deepEqual(uniteDeliveries(known, later), { ...later, attempts: [first, second] });
  });

  for (const state of STATES) {
    test(`a success stays one beside ${state}`, () => {
      const success = aDelivery({ state: 'success', attempts: [anAttempt(0)] });
      const other = aDelivery({
        ...{ state, attempts: [anAttempt(5_000)], nextAttemptAt: '2026-11-23T12:05:00.000Z' },
      });
      const expected = { ...success, attempts: [anAttempt(0), anAttempt(5_000)] };
      assert.deepEqual(uniteDeliveries(success, other), expected);
      assert.deepEqual(uniteDeliveries(other, success), expected);
    });
  }

  test('an attempt of both stands once, with its answer', () => {
    const [short, whole] = [anAttempt(0, { response: '' }), anAttempt(0, { response: 'thanks' })];
    for (const attempts of [
      [short, whole],
      [whole, short],
    ])
      assert.deepEqual(uniteAttempts(attempts), [whole]);
  });

  test('two records of an event keep the newest of too many attempts', () => {
    const all = Array.from({ length: MOST_ATTEMPTS + 5 }, (_, index) => anAttempt(index * 1_000));
    assert.deepEqual(uniteAttempts(all), all.slice(5));
  });

  test('two records are the same when united in any order and any number of times', () => {
    const record = fc.record({
      state: fc.constantFrom(...STATES),
      offsets: fc.uniqueArray(fc.nat(20), { maxLength: 10 }),
    });
    fc.assert(
      fc.property(record, record, (one, other) => {
        const of = ({ state, offsets }: typeof one) =>
          aDelivery({ state, attempts: uniteAttempts(offsets.map((offset) => anAttempt(offset))) });
        const united = uniteDeliveries(of(one), of(other));
        assert.deepEqual(uniteDeliveries(united, of(other)), united);
        assert.deepEqual(uniteDeliveries(of(other), of(one)).attempts, united.attempts);
        const isSuccess = [one, other].some(({ state }) => state === 'success');
        assert.equal(united.state, isSuccess ? 'success' : other.state);
      }),
    );
  });
});
