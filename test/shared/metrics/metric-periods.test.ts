import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { createTimeZone, type TimeZone } from '../../../shared/base/time-zone.ts';
import {
  GRANULARITIES,
  type Granularity,
  periodIndexOf,
  periodsWithin,
  planPeriods,
} from '../../../shared/metrics/metric-periods.ts';

function zoneOf(name: string): TimeZone {
  const zone = createTimeZone(name);
  assert.ok(zone, name);
  return zone;
}

const iso = (epochMs: number): string => new Date(epochMs).toISOString().slice(0, 16);

/** `<name>=<start in UTC>` of every period. */
function planned(zone: string, granularity: Granularity, from: string, to: string): readonly string[] {
  const range = { fromEpochMs: Date.parse(`${from}Z`), toEpochMs: Date.parse(`${to}Z`) };
  return planPeriods(range, granularity, zoneOf(zone)).map(
    ({ name, startEpochMs }) => `${name}=${iso(startEpochMs)}`,
  );
}

describe('days', () => {
  const CASES: readonly [string, string, string, string, readonly string[]][] = [
    [
      'of UTC',
      ...(['UTC', '2026-11-27T00:00', '2026-11-29T00:00'] as const),
      ['2026-11-27=2026-11-27T00:00', '2026-11-28=2026-11-28T00:00'],
    ],
    [
      'that the range only cuts',
      ...(['UTC', '2026-11-27T23:45', '2026-11-28T00:15'] as const),
      ['2026-11-27=2026-11-27T00:00', '2026-11-28=2026-11-28T00:00'],
    ],
    [
      'that begin at half an hour of UTC',
      ...(['Asia/Kolkata', '2026-11-27T18:30', '2026-11-28T18:45'] as const),
      ['2026-11-28=2026-11-27T18:30', '2026-11-29=2026-11-28T18:30'],
    ],
    [
      'that begin at a quarter of an hour of UTC',
      ...(['Asia/Kathmandu', '2026-11-27T18:15', '2026-11-27T18:30'] as const),
      ['2026-11-28=2026-11-27T18:15'],
    ],
    [
      'of 23 hours, where summer begins',
      ...(['America/New_York', '2026-03-08T05:00', '2026-03-09T05:00'] as const),
      ['2026-03-08=2026-03-08T05:00', '2026-03-09=2026-03-09T04:00'],
    ],
    [
      'of 25 hours, where it ends',
      ...(['America/New_York', '2026-11-01T04:00', '2026-11-02T06:00'] as const),
      ['2026-11-01=2026-11-01T04:00', '2026-11-02=2026-11-02T05:00'],
    ],
    [
      'without a midnight, where summer begins at it',
      ...(['Africa/Cairo', '2026-04-23T10:00', '2026-04-24T10:00'] as const),
      ['2026-04-23=2026-04-22T22:00', '2026-04-24=2026-04-23T22:00'],
    ],
    [
      'with two midnights, where it ends at one',
      ...(['Africa/Cairo', '2026-10-29T10:00', '2026-10-30T22:30'] as const),
      ['2026-10-29=2026-10-28T21:00', '2026-10-30=2026-10-29T22:00', '2026-10-31=2026-10-30T22:00'],
    ],
    [
      'of a leap year',
      ...(['UTC', '2028-02-28T12:00', '2028-03-01T12:00'] as const),
      ['2028-02-28=2028-02-28T00:00', '2028-02-29=2028-02-29T00:00', '2028-03-01=2028-03-01T00:00'],
    ],
    [
      'east of the date line',
      ...(['Pacific/Kiritimati', '2026-12-31T10:00', '2026-12-31T10:15'] as const),
      ['2027-01-01=2026-12-31T10:00'],
    ],
  ];
  for (const [what, zone, from, to, periods] of CASES)
    test(`plans days ${what} (${zone})`, () => {
      assert.deepEqual(planned(zone, 'daily', from, to), periods);
    });
});

describe('weeks and months', () => {
  test('weeks begin on Monday, also that which the range begins in', () => {
    assert.deepEqual(planned('UTC', 'weekly', '2026-11-25T00:00', '2026-12-07T00:15'), [
      '2026-11-23=2026-11-23T00:00',
      '2026-11-30=2026-11-30T00:00',
      '2026-12-07=2026-12-07T00:00',
    ]);
    assert.deepEqual(planned('UTC', 'weekly', '2026-11-29T23:45', '2026-11-30T00:00'), [
      '2026-11-23=2026-11-23T00:00',
    ]);
  });

  test('months have their own lengths, over the end of a year and a leap day', () => {
    assert.deepEqual(planned('UTC', 'monthly', '2027-12-31T00:00', '2028-03-01T00:00'), [
      '2027-12-01=2027-12-01T00:00',
      '2028-01-01=2028-01-01T00:00',
      '2028-02-01=2028-02-01T00:00',
    ]);
    assert.deepEqual(planned('Europe/Berlin', 'monthly', '2026-03-31T21:45', '2026-03-31T22:15'), [
      '2026-03-01=2026-02-28T23:00',
      '2026-04-01=2026-03-31T22:00',
    ]);
  });
});

describe('hours', () => {
  test('an hour that is skipped has no period', () => {
    assert.deepEqual(planned('America/New_York', 'hourly', '2026-03-08T06:00', '2026-03-08T08:00'), [
      '2026-03-08T01:00:00-05:00=2026-03-08T06:00',
      '2026-03-08T03:00:00-04:00=2026-03-08T07:00',
    ]);
  });

  test('an hour that comes twice has two periods, told apart by their offsets', () => {
    assert.deepEqual(planned('America/New_York', 'hourly', '2026-11-01T05:00', '2026-11-01T07:00'), [
      '2026-11-01T01:00:00-04:00=2026-11-01T05:00',
      '2026-11-01T01:00:00-05:00=2026-11-01T06:00',
    ]);
  });

  test('hours are those of the clock on the wall where it is half an hour off', () => {
    assert.deepEqual(planned('Asia/Kolkata', 'hourly', '2026-11-27T18:15', '2026-11-27T19:00'), [
      '2026-11-27T23:00:00+05:30=2026-11-27T17:30',
      '2026-11-28T00:00:00+05:30=2026-11-27T18:30',
    ]);
  });

  test('hours have a Z where the wall shows UTC', () => {
    assert.deepEqual(planned('UTC', 'hourly', '2026-11-27T18:15', '2026-11-27T18:30'), [
      '2026-11-27T18:00:00Z=2026-11-27T18:00',
    ]);
  });

  test('a clock that is set by half an hour cuts one hour in two', () => {
    assert.deepEqual(planned('Australia/Lord_Howe', 'hourly', '2026-04-04T14:00', '2026-04-04T15:45'), [
      '2026-04-05T01:00:00+11:00=2026-04-04T14:00',
      '2026-04-05T01:00:00+10:30=2026-04-04T15:00',
      '2026-04-05T02:00:00+10:30=2026-04-04T15:30',
    ]);
  });
});

const QUARTER_MS = 900_000;
const YEAR_2026 = Date.UTC(2026, 0) / QUARTER_MS;

describe('periods of any zone, granularity and range', () => {
  const someRange = fc
    .tuple(fc.integer({ min: 0, max: 70_000 }), fc.integer({ min: 1, max: 4_000 }))
    .map(([first, length]) => ({
      fromEpochMs: (YEAR_2026 + first) * QUARTER_MS,
      toEpochMs: (YEAR_2026 + first + length) * QUARTER_MS,
    }));
  const someZone = fc.constantFrom(...Intl.supportedValuesOf('timeZone'));

  test('periods follow each other, cover the range and bear the names that the wall shows', () => {
    fc.assert(
      fc.property(someRange, someZone, fc.constantFrom(...GRANULARITIES), (range, name, granularity) => {
        const zone = zoneOf(name);
        const periods = planPeriods(range, granularity, zone);
        const starts = periods.map(({ startEpochMs }) => startEpochMs);
        assert.ok((starts[0] ?? Number.NaN) <= range.fromEpochMs);
        assert.ok((starts[1] ?? Number.POSITIVE_INFINITY) > range.fromEpochMs);
        assert.ok((starts.at(-1) ?? Number.NaN) < range.toEpochMs);
        assert.deepEqual(
          [...starts].sort((one, other) => one - other),
          starts,
        );
        assert.equal(new Set(periods.map((each) => each.name)).size, periods.length);
        assert.ok(periods.length <= periodsWithin(range, granularity) + 2);
        for (const { name: shown, startEpochMs } of periods) {
          assert.equal(zone.at(startEpochMs).date, shown.slice(0, 10));
          assert.equal(startEpochMs % QUARTER_MS, 0);
          assert.equal(periods[periodIndexOf(periods, startEpochMs)]?.name, shown);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('periods begin at quarters of an hour in every zone that there is', () => {
    for (const name of Intl.supportedValuesOf('timeZone'))
      for (const month of [0, 6]) {
        const { offsetMinutes } = zoneOf(name).at(Date.UTC(2026, month));
        assert.equal(Math.abs(offsetMinutes % 15), 0, name);
      }
  });
});

describe('names of zones', () => {
  for (const name of ['Mars/Olympus', '', '+05:30', '-01:07', 'UTC; DROP', 'America/New York'])
    test(`"${name}" is no name of a zone`, () => {
      assert.equal(createTimeZone(name), undefined);
    });

  test('a zone is found with any letters large', () => {
    assert.equal(zoneOf('europe/berlin').at(Date.UTC(2026, 6)).offsetMinutes, 120);
  });
});
