import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { createSendQuota } from '../../../src/ses/sending/quota.ts';

/** A quota over a clock that the test moves. */
function aQuota(maxSendRate: number, max24HourSend = 1_000_000) {
  let now = 0;
  const clock = { now: () => now };
  const quota = createSendQuota(clock as never, maxSendRate, max24HourSend);
  const send = (recipients = 1): boolean => {
    try {
      quota.spend(recipients);
      return true;
    } catch {
      return false;
    }
  };
  const at = (ms: number) => {
    now = ms;
  };
  return { quota, send, at };
}

describe('the send rate', () => {
  test('the send rate takes mail that is evenly spaced just below it without end', () => {
    const { send, at } = aQuota(60);
    for (let index = 0; index < 600; index += 1) {
      at(index * (1000 / 57));
      assert.ok(send(), `mail ${index}`);
    }
  });

  test('the send rate takes large mails that keep to it on average', () => {
    const { send, at } = aQuota(60);
    for (let index = 0; index < 100; index += 1) {
      at(index * 50 * (1000 / 57));
      assert.ok(send(50), `mail ${index}`);
    }
  });

  test('the send rate lets no second hold more single mails than it says', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 200 }),
        (rate, gaps) => {
          const { send, at } = aQuota(rate);
          const taken: number[] = [];
          let now = 0;
          for (const gap of gaps) {
            now += gap;
            at(now);
            if (send()) taken.push(now);
            assert.ok(taken.filter((time) => time > now - 1000).length <= rate);
          }
        },
      ),
    );
  });

  test('the send rate holds over time with mails of any size', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 100 }),
        (rate, sizes) => {
          const { quota, send, at } = aQuota(rate);
          for (let ms = 0, next = 0; next < sizes.length; ms += 50) {
            at(ms);
            if (!send(sizes[next])) continue;
            const last = sizes[next] ?? 0;
            next += 1;
            assert.ok(quota.sentLast24Hours() - last <= rate * (1 + ms / 1000));
          }
        },
      ),
    );
  });
});
