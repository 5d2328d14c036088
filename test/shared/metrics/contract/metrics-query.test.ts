import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ContractError } from '../../../../shared/base/contract/errors.ts';
import { readMetricsQuery } from '../../../../shared/metrics/contract/metrics-query.ts';
import { METRICS } from '../../../../shared/metrics/metrics.ts';

/** Saturday, a little after the quarter. */
const NOW = Date.parse('2026-11-28T04:17:30Z');
const ID = '01900000-0000-7000-8000-000000000001';
const OTHER = '01900000-0000-7000-8000-000000000002';

type Query = Readonly<Record<string, string>>;

const iso = (epochMs: number): string => new Date(epochMs).toISOString().slice(0, 16);

/** What the answer says, and what is counted. */
function rangeOf(query: Query): readonly string[] {
  const { startEpochMs, endEpochMs, fromEpochMs, toEpochMs } = readMetricsQuery(query, NOW).range;
  return [startEpochMs, endEpochMs, fromEpochMs, toEpochMs].map(iso);
}

const RANGES: readonly [string, Query, readonly string[]][] = [
  [
    'a question without a time is about today and the six days before',
    {},
    ['2026-11-22T00:00', '2026-11-28T04:17', '2026-11-22T00:00', '2026-11-28T04:30'],
  ],
  [
    'days are those of the time zone',
    { timezone: 'America/New_York' },
    ['2026-11-21T05:00', '2026-11-28T04:17', '2026-11-21T05:00', '2026-11-28T04:30'],
  ],
  [
    'dates are whole days, the last included',
    { start_date: '2026-11-01', end_date: '2026-11-08' },
    ['2026-11-01T00:00', '2026-11-08T00:00', '2026-11-01T00:00', '2026-11-09T00:00'],
  ],
  [
    'one day is asked for by its date twice',
    { start_date: '2026-11-08', end_date: '2026-11-08' },
    ['2026-11-08T00:00', '2026-11-08T00:00', '2026-11-08T00:00', '2026-11-09T00:00'],
  ],
  [
    'the first moment of a day is its date: what an answer says can be asked again',
    { start_date: '2026-11-01T00:00:00.000Z', end_date: '2026-11-08T00:00:00.000Z' },
    ['2026-11-01T00:00', '2026-11-08T00:00', '2026-11-01T00:00', '2026-11-09T00:00'],
  ],
  [
    'the first moment of a day in a time zone is its date',
    { start_date: '2026-10-31T18:30:00Z', end_date: '2026-11-08', timezone: 'Asia/Kolkata' },
    ['2026-10-31T18:30', '2026-11-07T18:30', '2026-10-31T18:30', '2026-11-08T18:30'],
  ],
  [
    'times are themselves',
    { start_date: '2026-11-08T10:00:00Z', end_date: '2026-11-08T12:00:00+01:00' },
    ['2026-11-08T10:00', '2026-11-08T11:00', '2026-11-08T10:00', '2026-11-08T11:00'],
  ],
  [
    'times within a quarter of an hour are rounded outwards',
    { start_date: '2026-11-08T10:07:00Z', end_date: '2026-11-08T11:00:01Z' },
    ['2026-11-08T10:07', '2026-11-08T11:00', '2026-11-08T10:00', '2026-11-08T11:15'],
  ],
  [
    'a time without a zone is UTC',
    { start_date: '2026-11-08 10:00', end_date: '2026-11-09', timezone: 'America/New_York' },
    ['2026-11-08T10:00', '2026-11-09T05:00', '2026-11-08T10:00', '2026-11-10T05:00'],
  ],
  [
    'no time at all is a range of nothing',
    { start_date: '2026-11-08T10:00:00Z', end_date: '2026-11-08T10:00:00Z' },
    ['2026-11-08T10:00', '2026-11-08T10:00', '2026-11-08T10:00', '2026-11-08T10:00'],
  ],
  [
    'a range without a start is the six days before the end',
    { end_date: '2026-11-08' },
    ['2026-11-02T00:00', '2026-11-08T00:00', '2026-11-02T00:00', '2026-11-09T00:00'],
  ],
  [
    'a day that summer begins in has 23 hours',
    { start_date: '2026-03-08', end_date: '2026-03-08', timezone: 'America/New_York' },
    ['2026-03-08T05:00', '2026-03-08T05:00', '2026-03-08T05:00', '2026-03-09T04:00'],
  ],
  [
    'today ends now',
    { start_date: '2026-11-28', end_date: '2026-11-28' },
    ['2026-11-28T00:00', '2026-11-28T00:00', '2026-11-28T00:00', '2026-11-28T04:30'],
  ],
  [
    'a range leaves out the time that has not come yet',
    { start_date: '2026-11-27', end_date: '9999-12-31' },
    ['2026-11-27T00:00', '2026-11-28T04:17', '2026-11-27T00:00', '2026-11-28T04:30'],
  ],
  [
    'a range begins with the oldest day that is kept',
    { start_date: '2020-02-29', end_date: '2025-12-01' },
    ['2025-10-24T00:00', '2025-12-01T00:00', '2025-10-24T00:00', '2025-12-02T00:00'],
  ],
  [
    'the oldest day that is kept is that of the time zone',
    { start_date: '0000-01-01', timezone: 'Asia/Kolkata' },
    ['2025-10-23T18:30', '2026-11-28T04:17', '2025-10-23T18:30', '2026-11-28T04:30'],
  ],
];

describe('the range of a question', () => {
  for (const [what, query, expected] of RANGES)
    test(what, () => {
      assert.deepEqual(rangeOf(query), expected);
    });

  test('a range is never the wrong way round, and made of quarters of an hour, for any texts', () => {
    const text = fc.oneof(
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      fc
        .date({ noInvalidDate: true, min: new Date('2024-01-01'), max: new Date('2027-12-31') })
        .map((date) => date.toISOString()),
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString().slice(0, 10)),
      fc.string(),
    );
    const zone = fc.constantFrom('UTC', 'Asia/Kathmandu', 'America/St_Johns', 'Pacific/Apia');
    fc.assert(
      fc.property(text, text, zone, (start_date, end_date, timezone) => {
        try {
          const { range } = readMetricsQuery({ start_date, end_date, timezone }, NOW);
          assert.ok(range.fromEpochMs <= range.toEpochMs);
          assert.ok(range.toEpochMs <= NOW + 900_000);
          assert.equal(range.fromEpochMs % 900_000, 0);
          assert.equal(range.toEpochMs % 900_000, 0);
          assert.ok(range.toEpochMs - range.fromEpochMs < 402 * 86_400_000);
        } catch (error) {
          if (!(error instanceof ContractError)) throw error;
          assert.equal(error.problem.statusCode, 422);
        }
      }),
      { numRuns: 500 },
    );
  });
});

const WRONG: readonly [string, Query, RegExp, string?][] = [
  ['no date', { start_date: 'yesterday' }, /`start_date` must be a date or a time in ISO 8601/],
  ['no day of the calendar', { end_date: '2026-02-30' }, /`end_date` must be a date/],
  ['an hour that there is not', { end_date: '2026-02-20T25:00:00Z' }, /`end_date` must be a date/],
  ['an end before the start', { start_date: '2026-11-09', end_date: '2026-11-08' }, /on or before/],
  [
    'a time after the end',
    { start_date: '2026-11-08T10:00:01Z', end_date: '2026-11-08T10:00:00Z' },
    /on or before/,
  ],
  ['a start in the future', { start_date: '2026-11-29' }, /not in the future/],
  ['an end that nothing is kept of', { start_date: '2024-01-01', end_date: '2025-10-23' }, /400 days/],
  ['a zone that is none', { timezone: 'Mars/Olympus' }, /`timezone` .* IANA/],
  ['an offset for a zone', { timezone: '+05:30' }, /`timezone` .* IANA/],
  ['another granularity', { granularity: 'yearly' }, /one of hourly, daily, weekly, monthly/],
  ['an unknown metric', { metrics: 'sent,read' }, /`metrics` takes a list of these: received, delivered/],
  ['an unknown dimension', { dimensions: 'period,tag' }, /`dimensions` .* period, domain, email, broadcast/],
  [
    'a domain that is no id',
    { domain_id: 'example.com' },
    /`domain_id` must be a valid UUID/,
    'invalid_parameter',
  ],
  ['a mail that is no id', { email_id: `${ID},x` }, /`email_id` must be a valid UUID/, 'invalid_parameter'],
  ['a broadcast that is no id', { broadcast_id: '1' }, /`broadcast_id` must be/, 'invalid_parameter'],
  ['mails and broadcasts', { email_id: ID, broadcast_id: OTHER }, /cannot be combined/],
  ['rows of mails, of broadcasts', { dimensions: 'email', broadcast_id: ID }, /cannot be combined/],
  ['rows of broadcasts, of mails', { dimensions: 'broadcast', email_id: ID }, /cannot be combined/],
  ['rows of mails and of broadcasts', { dimensions: 'email,broadcast', email_id: ID }, /cannot be combined/],
  ['rows of all mails', { dimensions: 'email' }, /needs an `email_id`/, 'missing_required_field'],
  [
    'more than a hundred mails',
    {
      email_id: Array.from({ length: 101 }, (_, index) => ID.slice(0, -3) + (100 + index)).join(','),
    },
    /up to 100 ids/,
  ],
  [
    'more than 10,000 periods',
    { dimensions: 'period', granularity: 'hourly', start_date: '2025-10-07', end_date: '2026-11-27' },
    /has 10008 periods, and may have 10000/,
  ],
];

describe('a question is refused that has', () => {
  for (const [what, query, message, name = 'validation_error'] of WRONG)
    test(`refuses a question with ${what}`, () => {
      assert.throws(
        () => readMetricsQuery(query, NOW),
        (error) => {
          assert.ok(error instanceof ContractError);
          assert.deepEqual([error.problem.statusCode, error.problem.name], [422, name]);
          assert.match(error.message, message);
          return true;
        },
      );
    });
});

describe('a question', () => {
  test('a query that names none is about all metrics of the contract, and about none of ours', () => {
    const { metrics, dimensions, granularity } = readMetricsQuery({ metrics: '' }, NOW);
    assert.deepEqual(metrics, METRICS);
    assert.deepEqual([dimensions, granularity], [[], 'daily']);
  });

  test('a question names metrics in an order, ours among them, each once', () => {
    const { metrics } = readMetricsQuery({ metrics: 'sent, machine_opened,open_rate,sent' }, NOW);
    assert.deepEqual(metrics, ['sent', 'machine_opened', 'open_rate']);
  });

  test('a question names ids with commas, in any case, each once', () => {
    const { domainIds, emailIds, broadcastIds } = readMetricsQuery(
      { domain_id: `${ID},${OTHER},${ID}`, email_id: ID.toUpperCase() },
      NOW,
    );
    assert.deepEqual([domainIds, emailIds, broadcastIds], [[ID, OTHER], [ID], undefined]);
  });

  test('a query may be about as long as there are counters in hours, and about any time where it asks for no periods', () => {
    const query = { granularity: 'hourly', start_date: '2025-10-24' };
    assert.equal(readMetricsQuery({ ...query, dimensions: 'period' }, NOW).granularity, 'hourly');
    assert.equal(readMetricsQuery({ ...query, start_date: '1999-01-01' }, NOW).granularity, 'hourly');
  });

  test('a query may have parameters that are not known', () => {
    assert.deepEqual(readMetricsQuery({ tag: 'x' }, NOW).metrics, METRICS);
  });
});
