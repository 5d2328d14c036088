import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NOTHING_GRANTED, quotaLeft, withReading } from '../../../shared/pace/daily-quota.ts';

const readingOf = (minute: number, sentLast24Hours: number) => ({
  maxSendRate: 14,
  max24HourSend: 1_000,
  sentLast24Hours,
  readAtEpochMs: minute * 60_000,
});
const grant = (granted: typeof NOTHING_GRANTED, recipients: number) => ({
  ...granted,
  recipientsSince: granted.recipientsSince + recipients,
});

describe('the 24-hour quota', () => {
  test('counts what SES said and what was granted since the reading before', () => {
    let granted = grant(withReading(NOTHING_GRANTED, readingOf(1, 100)), 50);
    assert.equal(quotaLeft(granted, 1_000), 850);
    granted = grant(withReading(granted, readingOf(2, 120)), 30);
    assert.equal(quotaLeft(granted, 1_000), 1_000 - 120 - 50 - 30);
    granted = withReading(granted, readingOf(3, 180));
    assert.equal(quotaLeft(granted, 1_000), 1_000 - 180 - 30);
  });

  test('keeps the newer reading where a worker has an older one', () => {
    const granted = withReading(NOTHING_GRANTED, readingOf(2, 120));
    assert.equal(withReading(granted, readingOf(1, 100)), granted);
    assert.equal(withReading(granted, undefined), granted);
  });

  test('the 24-hour quota is never below nothing, and endless where SES says -1', () => {
    assert.equal(quotaLeft(grant(NOTHING_GRANTED, 5_000), 1_000), 0);
    assert.equal(quotaLeft(grant(NOTHING_GRANTED, 5_000), -1), Number.POSITIVE_INFINITY);
  });
});
