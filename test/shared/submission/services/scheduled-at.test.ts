import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ContractError } from '../../../../shared/base/contract/errors.ts';
import { readEnglishTime } from '../../../../shared/runtime/english-time.ts';
import { readScheduledAt } from '../../../../shared/submission/services/scheduled-at.ts';

/** A Tuesday. */
const NOW = '2026-11-24T10:30:00.000Z';

async function read(value: unknown, now = NOW): Promise<string | undefined> {
  const nowEpochMs = Date.parse(now);
  const epochMs = await readScheduledAt(value, { nowEpochMs, readEnglish: readEnglishTime });
  return epochMs === undefined ? undefined : new Date(epochMs).toISOString();
}

async function refusal(value: unknown): Promise<string> {
  try {
    return `read as ${await read(value)}`;
  } catch (error) {
    assert.ok(error instanceof ContractError);
    assert.deepEqual([error.problem.statusCode, error.problem.name], [422, 'validation_error']);
    return error.message;
  }
}

const READ: readonly (readonly [text: string, moment: string])[] = [
  // ISO 8601.
  ['2026-11-25T09:00:00.000Z', '2026-11-25T09:00:00.000Z'],
  ['2026-11-25T09:00:00Z', '2026-11-25T09:00:00.000Z'],
  ['2026-11-25T09:00Z', '2026-11-25T09:00:00.000Z'],
  ['2026-11-25t09:00z', '2026-11-25T09:00:00.000Z'],
  ['2026-11-25T09:00:00.123456+02:00', '2026-11-25T07:00:00.123Z'],
  ['2026-11-25T09:00:00-0530', '2026-11-25T14:30:00.000Z'],
  ['2026-11-25T09:00:00', '2026-11-25T09:00:00.000Z'],
  ['2026-11-25', '2026-11-25T00:00:00.000Z'],
  ['2026-12-24T10:30:00.000Z', '2026-12-24T10:30:00.000Z'],
  // As PostgreSQL and Python print it.
  ['2026-11-25 09:00:00.540771+00', '2026-11-25T09:00:00.540Z'],
  ['2026-11-25 09:00:00', '2026-11-25T09:00:00.000Z'],
  // The contract's phrases, and some like them.
  ['in 1 hour', '2026-11-24T11:30:00.000Z'],
  ['tomorrow at 9am', '2026-11-25T09:00:00.000Z'],
  ['Friday at 3pm ET', '2026-11-27T20:00:00.000Z'],
  ['in 1 min', '2026-11-24T10:31:00.000Z'],
  ['in half an hour', '2026-11-24T11:00:00.000Z'],
  ['in 3 days', '2026-11-27T10:30:00.000Z'],
  ['  In 30 days. ', '2026-12-24T10:30:00.000Z'],
  ['on Friday at 3pm', '2026-11-27T15:00:00.000Z'],
  ['at noon tomorrow', '2026-11-25T12:00:00.000Z'],
  ['next monday at 10:00', '2026-11-30T10:00:00.000Z'],
  ['at 9am', '2026-11-25T09:00:00.000Z'],
  ['December 1st at 9am CET', '2026-12-01T08:00:00.000Z'],
  ['Tue, 24 Nov 2026 12:00:00 GMT', '2026-11-24T12:00:00.000Z'],
  ['now', NOW],
];

const NO_TIME = [
  'whenever',
  'hello',
  '1800000000',
  '2026-02-30T10:00:00Z',
  '2026-11-31',
  '2026-11-25T25:00Z',
  '2026-11-25T09:60Z',
  '2026-11-25T09:00:00+15:00',
  '2026-11-25T09:00:00 or so',
  // Understood in part is not understood.
  'day after tomorrow at 9am',
  'next business day at 9am',
  'tomorrow 9',
  'Friday at 3pm America/New_York',
  // Two moments.
  'tomorrow from 9am to 5pm',
  'tomorrow at 9am. Friday at 3pm',
  `in ${'0'.repeat(120)}1 hour`,
  'in 99999999999 years',
];

describe('scheduled_at', () => {
  for (const [text, moment] of READ)
    test(`reads ${JSON.stringify(text)} as a time`, async () => assert.equal(await read(text), moment));

  for (const text of NO_TIME)
    test(`refuses ${JSON.stringify(text.slice(0, 60))} as a time`, async () =>
      assert.match(await refusal(text), /^The `scheduled_at` field must be a time, in ISO 8601 .*English/));

  test('scheduled_at is absent where it is null or empty', async () => {
    for (const value of [undefined, null, '']) assert.equal(await read(value), undefined);
  });

  test('scheduled_at must be a text', async () => {
    for (const value of [1_800_000_000, true, {}, ['in 1 hour']])
      assert.equal(await refusal(value), 'The `scheduled_at` field must be a string.');
  });

  test('scheduled_at may be a minute ago, by clocks that differ, and is then now', async () => {
    assert.equal(await read('2026-11-24T10:29:00.000Z'), NOW);
    assert.equal(await read('2026-11-24T10:29:59.999Z'), NOW);
  });

  test('scheduled_at in the past is refused', async () => {
    for (const text of ['2026-11-24T10:28:59.999Z', '2026-11-24', '5 minutes ago', 'yesterday at 9am'])
      assert.match(await refusal(text), /in the past: 2026-11-2.*, and it is 2026-11-24T10:30:00.000Z/, text);
  });

  test('scheduled_at is 30 days ahead at the most', async () => {
    for (const text of ['2026-12-24T10:30:00.001Z', 'in 31 days', '2027-11-24T10:30:00Z'])
      assert.match(await refusal(text), /more than 30 days ahead/, text);
  });

  test('ET means Eastern time in summer and in winter', async () => {
    assert.equal(await read('Friday at 3pm ET', '2026-07-21T10:30:00.000Z'), '2026-07-24T19:00:00.000Z');
  });
});
