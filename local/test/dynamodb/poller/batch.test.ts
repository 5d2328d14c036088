import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { judgeBatch, type RecordBatch, type RetryPolicy } from '../../../src/dynamodb/poller/batch.ts';
import type { TableStreamRecord } from '../../../src/dynamodb/table-streams/record.ts';
import type { InvocationResult } from '../../../src/lambda/invocation.ts';
import { okResult } from '../../support/hosted-world.ts';
import { failuresFrom, functionError } from '../../support/stream-world.ts';

const DAY_MS = 86_400_000;
const NOW_MS = Date.parse('2026-11-23T10:00:00Z');

const policy = (overrides: Partial<RetryPolicy> = {}): RetryPolicy => ({
  ...{ reportsItemFailures: true, bisectsOnError: false },
  ...{ maxRetries: Number.POSITIVE_INFINITY, maxAgeMs: DAY_MS },
  ...overrides,
});

const aRecord = (number: number, ageSeconds = 1): TableStreamRecord => ({
  ...{ eventID: String(number), eventName: 'INSERT', eventVersion: '1.1' },
  ...{ eventSource: 'aws:dynamodb', awsRegion: 'us-east-1' },
  dynamodb: {
    ApproximateCreationDateTime: NOW_MS / 1000 - ageSeconds,
    ...{ Keys: {}, SequenceNumber: String(number), SizeBytes: 1, StreamViewType: 'KEYS_ONLY' },
  },
});

/** Records 11 to 14; the part has looked as far as 19. */
const aBatch = (overrides: Partial<RecordBatch> = {}): RecordBatch => ({
  records: [11, 12, 13, 14].map((number) => aRecord(number)),
  ...{ through: '19', tries: 0, failures: 0 },
  ...overrides,
});

const judge = (
  result: InvocationResult,
  batch: Partial<RecordBatch> = {},
  overrides: Partial<RetryPolicy> = {},
) => {
  const verdict = judgeBatch(aBatch(batch), result, policy(overrides), NOW_MS);
  const numbers = (records: readonly TableStreamRecord[]) =>
    records.map(({ dynamodb }) => Number(dynamodb.SequenceNumber));
  return {
    doneThrough: verdict.doneThrough,
    retry: verdict.retry.map(({ records, ...rest }) => ({ records: numbers(records), ...rest })),
    discarded: numbers(verdict.discarded),
  };
};

const throttled: InvocationResult = {
  ...{ kind: 'error', errorType: 'TooManyRequestsException', message: '' },
  durationMs: 0,
};

describe('what follows from a batch of a stream', () => {
  for (const [title, result] of [
    ['an answer', okResult(null)],
    ['an empty list', okResult({ batchItemFailures: [] })],
    ['a list that is null', okResult({ batchItemFailures: null })],
  ] as const)
    test(`${title} is a success, and what was passed over is behind the part too`, () => {
      assert.deepEqual(judge(result), { doneThrough: '19', retry: [], discarded: [] });
    });

  test('a reported failure is ignored where the mapping does not take reports', () => {
    const verdict = judge(failuresFrom(aRecord(12)), {}, { reportsItemFailures: false });
    assert.equal(verdict.doneThrough, '19');
  });

  for (const [title, result] of [
    ['an error', functionError()],
    ['a crash', { kind: 'crashed', durationMs: 1 }],
    ['a time-out', { kind: 'timeout', durationMs: 1 }],
    ['an unknown identifier', okResult({ batchItemFailures: [{ itemIdentifier: '99' }] })],
    ['an empty identifier', okResult({ batchItemFailures: [{ itemIdentifier: '' }] })],
    ['a null identifier', okResult({ batchItemFailures: [{ itemIdentifier: null }] })],
    ['an identifier under another name', okResult({ batchItemFailures: [{ id: '12' }] })],
  ] as const)
    test(`${title} brings the whole batch back`, () => {
      const retry = [{ records: [11, 12, 13, 14], through: '19', tries: 1, failures: 1 }];
      assert.deepEqual(judge(result), { doneThrough: undefined, retry, discarded: [] });
    });

  test('a batch goes on at the lowest reported failure, and the records before it are done', () => {
    const verdict = judge(failuresFrom(aRecord(14), aRecord(12)), { tries: 3, failures: 3 });
    const retry = [{ records: [12, 13, 14], through: '19', tries: 1, failures: 1 }];
    assert.deepEqual(verdict, { doneThrough: '11', retry, discarded: [] });
  });

  test('retries end at their number, and the records are given up', () => {
    assert.deepEqual(judge(functionError(), { failures: 1 }, { maxRetries: 2 }).discarded, []);
    assert.deepEqual(judge(functionError(), { failures: 2 }, { maxRetries: 2 }), {
      ...{ doneThrough: '19', retry: [], discarded: [11, 12, 13, 14] },
    });
    const partial = judge(failuresFrom(aRecord(13)), {}, { maxRetries: 0 });
    assert.deepEqual(partial, { doneThrough: '19', retry: [], discarded: [13, 14] });
  });

  test('a batch that did not reach the function uses up no retry', () => {
    const { retry } = judge(throttled, { tries: 1 }, { maxRetries: 0, bisectsOnError: true });
    assert.deepEqual(retry, [{ records: [11, 12, 13, 14], through: '19', tries: 2, failures: 0 }]);
  });

  test('an error halves the batch where the mapping says so, without using up a retry', () => {
    const { retry, doneThrough } = judge(functionError(), {}, { bisectsOnError: true, maxRetries: 0 });
    assert.equal(doneThrough, undefined);
    assert.deepEqual(retry, [
      { records: [11, 12], through: '12', tries: 1, failures: 0 },
      { records: [13, 14], through: '19', tries: 1, failures: 0 },
    ]);
    const alone = judge(functionError(), { records: [aRecord(11)] }, { bisectsOnError: true, maxRetries: 0 });
    assert.deepEqual(alone.discarded, [11]);
  });

  test('a report is taken at its word where batches are halved', () => {
    const { retry } = judge(failuresFrom(aRecord(12)), {}, { bisectsOnError: true });
    assert.deepEqual(
      retry.map(({ records }) => records),
      [[12, 13, 14]],
    );
  });

  test('records of a day are given up once they were tried, and younger ones begin anew', () => {
    const records = [aRecord(11, 86_400), aRecord(12, 90_000), aRecord(13, 86_399), aRecord(14, 5)];
    assert.deepEqual(judge(functionError(), { records, tries: 3, failures: 3 }).discarded, []);
    assert.deepEqual(judge(functionError(), { records, tries: 4, failures: 4 }), {
      doneThrough: '12',
      retry: [{ records: [13, 14], through: '19', tries: 0, failures: 0 }],
      discarded: [11, 12],
    });
    assert.deepEqual(judge(throttled, { records, tries: 4 }).discarded, [11, 12]);
    assert.deepEqual(judge(throttled, { records, tries: 4 }, { maxAgeMs: 1000 }).discarded, [11, 12, 13, 14]);
  });

  test('loses no record and keeps their order, with any results', () => {
    const result = fc.oneof(
      fc.constantFrom<InvocationResult>(okResult(null), functionError(), throttled),
      fc.nat({ max: 9 }).map((index) => failuresFrom(aRecord(index + 10))),
    );
    const steps = fc.array(result, { maxLength: 40 });
    fc.assert(
      fc.property(steps, fc.boolean(), fc.integer({ min: 1, max: 10 }), (results, bisectsOnError, size) => {
        const all = Array.from({ length: size }, (_, index) => aRecord(index + 10));
        const pending: RecordBatch[] = [{ ...aBatch(), records: all, through: '99' }];
        let position = '';
        for (const answer of [...results, ...Array.from({ length: 20 }, () => okResult(null))]) {
          const batch = pending.shift();
          if (!batch) break;
          const verdict = judgeBatch(batch, answer, policy({ bisectsOnError }), NOW_MS);
          assert.deepEqual(verdict.discarded, []);
          position = verdict.doneThrough ?? position;
          pending.unshift(...verdict.retry);
          const left = pending.flatMap(({ records }) => records);
          assert.deepEqual(
            left,
            all.filter(({ dynamodb }) => dynamodb.SequenceNumber > position),
          );
        }
        assert.equal(position, '99');
      }),
    );
  });
});
