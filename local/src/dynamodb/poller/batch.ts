import { readItemFailures } from '../../lambda/event-source-mapping/item-failures.ts';
import type { InvocationResult } from '../../lambda/invocation.ts';
import { SERVICE_FAILED, THROTTLED } from '../../lambda/lambda-host.ts';
import { ageMs, type TableStreamRecord } from '../table-streams/record.ts';

/** Policy of when a failing batch is tried again and when it is given up. */
export interface RetryPolicy {
  readonly reportsItemFailures: boolean;
  readonly bisectsOnError: boolean;
  /** Retries after a failure of the function, without limit where infinite. */
  readonly maxRetries: number;
  /** Age from which a record is not tried again: the mapping's, and 24 hours at most. */
  readonly maxAgeMs: number;
}

/** Records of one part that are handed to the function together, in order. */
export interface RecordBatch {
  readonly records: readonly TableStreamRecord[];
  /** Sequence number after which the part goes on: records that are not for it may lie between. */
  readonly through: string;
  /** Tries that failed, those counted that did not reach the function. */
  readonly tries: number;
  /** Invocations that failed. */
  readonly failures: number;
}

interface BatchVerdict {
  /** Sequence number that the part has passed now; undefined if it stands where it was. */
  readonly doneThrough: string | undefined;
  /** Batches that come next, in order. */
  readonly retry: readonly RecordBatch[];
  /** Records that were given up. */
  readonly discarded: readonly TableStreamRecord[];
}

/**
 * Tries that a record gets at least. An advance of the clock leaves out the tries that the time would have
 * brought, so age alone gives up nothing that was not tried this often.
 */
const LEAST_TRIES = 5;

/**
 * Decides what follows from an invocation. A failing batch blocks its part; what was done before the first
 * failed record stays done. Whether retries count anew from a new first record is not documented; here they
 * do.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
 * https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
 */
export function judgeBatch(
  batch: RecordBatch,
  result: InvocationResult,
  policy: RetryPolicy,
  nowMs: number,
): BatchVerdict {
  const failure = findFailure(batch.records, result, policy);
  if (failure === undefined) return { doneThrough: batch.through, retry: [], discarded: [] };
  const isSplit = failure.kind === 'error' && policy.bisectsOnError && batch.records.length > 1;
  const left = leaveOver(batch, failure, isSplit);
  const discarded = giveUp(left, policy, nowMs);
  const kept = left.records.slice(discarded.length);
  if (kept.length === 0) return { doneThrough: batch.through, retry: [], discarded };
  return {
    doneThrough: numberOf(batch.records[batch.records.length - kept.length - 1]),
    retry: discarded.length > 0 ? [toBatch(kept, batch.through)] : isSplit ? halve(left) : [left],
    discarded,
  };
}

/** A batch that was not tried yet. */
export const toBatch = (records: readonly TableStreamRecord[], through: string): RecordBatch => ({
  ...{ records, through, tries: 0, failures: 0 },
});

interface Failure {
  /** `partial`: the function named the first record that failed. `uninvoked`: it was not reached. */
  readonly kind: 'error' | 'partial' | 'uninvoked';
  readonly index: number;
}

const UNINVOKED = new Set([THROTTLED, SERVICE_FAILED]);

function findFailure(
  records: readonly TableStreamRecord[],
  result: InvocationResult,
  { reportsItemFailures }: RetryPolicy,
): Failure | undefined {
  const isUninvoked = result.kind === 'error' && UNINVOKED.has(result.errorType);
  if (result.kind !== 'ok') return { kind: isUninvoked ? 'uninvoked' : 'error', index: 0 };
  const named = reportsItemFailures ? readItemFailures(result.payload) : [];
  if (named?.length === 0) return undefined;
  const indexes = named?.map((id) => records.findIndex((record) => numberOf(record) === id)) ?? [-1];
  const index = Math.min(...indexes);
  return index < 0 ? { kind: 'error', index: 0 } : { kind: 'partial', index };
}

const numberOf = (record: TableStreamRecord | undefined): string | undefined =>
  record?.dynamodb.SequenceNumber;

/** Work that is still to be done, from the first failed record on. Splitting does not use up retries. */
function leaveOver(batch: RecordBatch, { kind, index }: Failure, isSplit: boolean): RecordBatch {
  const { tries, failures } = index > 0 ? toBatch([], '') : batch;
  return {
    records: batch.records.slice(index),
    through: batch.through,
    tries: tries + 1,
    failures: kind === 'uninvoked' || isSplit ? failures : failures + 1,
  };
}

function giveUp(
  { records, tries, failures }: RecordBatch,
  { maxRetries, maxAgeMs }: RetryPolicy,
  nowMs: number,
): readonly TableStreamRecord[] {
  if (failures > maxRetries) return records;
  if (tries < LEAST_TRIES) return [];
  const young = records.findIndex((record) => ageMs(record, nowMs) < maxAgeMs);
  return young < 0 ? records : records.slice(0, young);
}

function halve(batch: RecordBatch): readonly RecordBatch[] {
  const middle = Math.ceil(batch.records.length / 2);
  const [front, back] = [batch.records.slice(0, middle), batch.records.slice(middle)];
  return [
    { ...batch, records: front, through: numberOf(front.at(-1)) ?? batch.through },
    { ...batch, records: back },
  ];
}
