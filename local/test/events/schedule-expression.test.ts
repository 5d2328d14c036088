import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseSchedule } from '../../src/events/schedule-expression.ts';

const from = Date.parse('2026-11-23T10:15:30Z'); // a Monday
const next = (expression: string, after = from) =>
  new Date(parseSchedule(expression).next(after)).toISOString();

describe('a schedule expression', () => {
  for (const [expression, expected] of [
    ['rate(1 minute)', '2026-11-23T10:16:30.000Z'],
    ['rate(2 hours)', '2026-11-23T12:15:30.000Z'],
    ['rate(3 days)', '2026-11-26T10:15:30.000Z'],
    ['cron(0/15 * * * ? *)', '2026-11-23T10:30:00.000Z'],
    ['cron(5 3 * * ? *)', '2026-11-24T03:05:00.000Z'],
    ['cron(0 8 1 * ? *)', '2026-12-01T08:00:00.000Z'],
    ['cron(0 8 ? * MON-FRI *)', '2026-11-24T08:00:00.000Z'],
    ['cron(0 8 ? * SUN,SAT *)', '2026-11-28T08:00:00.000Z'],
    ['cron(0 0 29 FEB ? *)', '2028-02-29T00:00:00.000Z'],
    ['cron(10-12 10 ? NOV MON 2026)', '2026-11-30T10:10:00.000Z'],
  ] as const)
    test(`${expression} is next due at ${expected}`, () => assert.equal(next(expression), expected));

  test('a rate counts from the time before', () => {
    assert.equal(parseSchedule('rate(5 minutes)').next(from) - from, 300_000);
  });

  test('a year that has passed is never due', () => {
    assert.equal(parseSchedule('cron(0 0 1 1 ? 2020)').next(from), Number.POSITIVE_INFINITY);
  });

  for (const expression of [
    'rate(1 week)',
    'cron(0 0 L * ? *)',
    'cron(0 0 ? * 2#1 *)',
    'cron(0 24 * * ? *)',
    'cron(0 0 * *)',
    'at(2026-11-23T10:00:00)',
  ])
    test(`${expression} is refused by name`, () => {
      assert.throws(() => parseSchedule(expression), /local cloud does not know/);
    });
});
