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
  ] as const)
    test(`the schedule ${expression} is next due at ${expected}`, () =>
      assert.equal(next(expression), expected));

  test('a rate counts from the time before', () => {
    assert.equal(parseSchedule('rate(5 minutes)').next(from) - from, 300_000);
  });

  for (const expression of [
    'rate(1 week)',
    'cron(0/15 * * * ? *)',
    'cron(5 3 * * ? *)',
    'cron(0 8 1 * ? *)',
    'cron(0 8 ? * MON-FRI *)',
    'cron(0 8 ? * SUN,SAT *)',
    'cron(0 0 29 FEB ? *)',
    'cron(10-12 10 ? NOV MON 2026)',
    'cron(0 0 1 1 ? 2020)',
    'cron(0 0 L * ? *)',
    'cron(0 0 ? * 2#1 *)',
    'cron(0 24 * * ? *)',
    'cron(0 0 * *)',
    'at(2026-11-23T10:00:00)',
  ])
    test(`the schedule ${expression} is refused by name`, () => {
      assert.throws(
        () => parseSchedule(expression),
        ({ message }: Error) => message === `The local cloud does not know the schedule ${expression}`,
      );
    });
});
