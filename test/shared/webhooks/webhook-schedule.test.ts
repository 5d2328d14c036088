import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { CallOutcome } from '../../../shared/webhooks/webhook-call.ts';
import { decideAfterAttempt, MOST_ATTEMPTS_OF_A_ROUND } from '../../../shared/webhooks/webhook-schedule.ts';
import { NOON } from '../../support/messages/message-builders.ts';

const HOUR_MS = 3_600_000;

const answered = (status: number, retryAfter?: string): CallOutcome => ({
  ...{ kind: 'answered', status, body: '' },
  ...(retryAfter === undefined ? {} : { retryAfter }),
});
const noAnswer: CallOutcome = { kind: 'failed', permanent: false, reason: 'it did not arrive in time' };

const decide = (outcome: CallOutcome, overrides: { attempts?: number; jitter?: number } = {}) =>
  decideAfterAttempt(outcome, { attempts: 1, nowEpochMs: NOON, jitter: 0, ...overrides });

function waitMsOf(outcome: CallOutcome, overrides = {}): number {
  const decision = decide(outcome, overrides);
  assert.ok(decision.kind === 'retry', decision.kind);
  return decision.atEpochMs - NOON;
}

describe('what follows from an attempt', () => {
  test('2xx is the end', () => {
    for (const status of [200, 201, 202, 204, 299])
      assert.deepEqual(decide(answered(status)), { kind: 'delivered' });
  });

  test('any other answer is followed by another attempt', () => {
    for (const status of [100, 199, 300, 301, 302, 304, 308, 400, 401, 404, 408, 429, 500, 503, 599])
      assert.equal(decide(answered(status)).kind, 'retry', String(status));
    assert.equal(decide(noAnswer).kind, 'retry');
    assert.equal(decide({ ...noAnswer, permanent: true }).kind, 'retry');
  });

  test('no attempt follows where the endpoint is gone', () => {
    for (const attempts of [1, 5, 10]) assert.equal(decide(answered(410), { attempts }).kind, 'gone');
  });

  test('retries come after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h, and end with the tenth try', () => {
    const waits = Array.from({ length: MOST_ATTEMPTS_OF_A_ROUND - 1 }, (_, index) =>
      waitMsOf(answered(500), { attempts: index + 1 }),
    );
    assert.deepEqual(
      waits.map((ms) => ms / 1000),
      [5, 300, 1800, ...[2, 5, 10, 14, 20, 24].map((hours) => hours * 3600)],
    );
    for (const attempts of [10, 11, 100])
      assert.deepEqual(decide(answered(500), { attempts }), { kind: 'give-up', reason: 'status_500' });
  });

  test('all attempts are spread over 75 to 83 hours, by any chance', () => {
    const chances = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 9, maxLength: 9 });
    fc.assert(
      fc.property(chances, (jitters) => {
        const totalMs = jitters.reduce(
          (sum, jitter, index) => sum + waitMsOf(noAnswer, { attempts: index + 1, jitter }),
          0,
        );
        assert.ok(totalMs >= 75.5 * HOUR_MS && totalMs <= 83.2 * HOUR_MS, `${totalMs / HOUR_MS} h`);
      }),
    );
  });

  describe('a 429 or a 503 that says when to come back', () => {
    test('a retry waits as long as Retry-After says, if that is longer', () => {
      for (const status of [429, 503]) {
        assert.equal(waitMsOf(answered(status, '120')), 120_000);
        assert.equal(waitMsOf(answered(status, 'Mon, 23 Nov 2026 12:10:00 GMT')), 600_000);
        assert.equal(waitMsOf(answered(status, '1')), 5_000);
        assert.equal(waitMsOf(answered(status, 'Mon, 23 Nov 2026 11:00:00 GMT')), 5_000);
        assert.equal(waitMsOf(answered(status, '120'), { attempts: 4 }), 2 * HOUR_MS);
      }
    });

    test('a retry waits a day at the most for Retry-After', () => {
      for (const text of ['86401', '99999999999', '9'.repeat(400), 'Fri, 01 Jan 2100 00:00:00 GMT'])
        assert.equal(waitMsOf(answered(429, text)), 24 * HOUR_MS);
    });

    test('any other text counts for nothing', () => {
      for (const text of ['', 'soon', '-5', '1.5', '1e3', '0x10', '2026-11-24T12:00:00Z', '2030', 'Monday'])
        assert.equal(waitMsOf(answered(429, text)), text === '2030' ? 2_030_000 : 5_000, text);
    });

    test('no other status is heard', () => {
      for (const status of [301, 400, 404, 408, 500, 502])
        assert.equal(waitMsOf(answered(status, '120')), 5_000);
    });

    test('a retry never waits shorter than the schedule, with any Retry-After', () => {
      const text = fc.oneof(
        fc.string(),
        fc.nat().map(String),
        fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
      );
      fc.assert(
        fc.property(text, fc.integer({ min: 1, max: 9 }), (retryAfter, attempts) => {
          const waitMs = waitMsOf(answered(503, retryAfter), { attempts });
          assert.ok(waitMs >= waitMsOf(answered(500), { attempts }) && waitMs <= 24 * HOUR_MS);
        }),
      );
    });
  });
});
