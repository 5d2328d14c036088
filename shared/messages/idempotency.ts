import { MS_PER_DAY } from '../base/durations.ts';
import type { IdempotencyRecord, IdempotencyRun } from './idempotency-record.ts';

/** Time that a key is remembered after its first request, by our clock. */
export const IDEMPOTENCY_WINDOW_MS = MS_PER_DAY;

/** Time after which a request without a result has died: its function's time-out is shorter. */
const IN_FLIGHT_MS = 60_000;

/**
 * Run of a request. Ids are made anew for every one: that of the batch, or of the only message, is the run.
 */
export const runOf = ({ batchId, messageIds }: IdempotencyRun): string => batchId ?? messageIds[0] ?? '';

type IdempotencyDecision =
  | { readonly kind: 'reply' }
  | { readonly kind: 'resume' }
  | { readonly kind: 'in-flight' }
  | { readonly kind: 'other-request' };

/**
 * Decides what to do with a request whose key is taken.
 * @param isComplete the message of the first request, or the commit of its batch, is stored
 */
export function decideRepeat(
  existing: IdempotencyRecord,
  now: { readonly requestHash: string; readonly nowEpochMs: number; readonly isComplete: boolean },
): IdempotencyDecision {
  if (existing.requestHash !== now.requestHash) return { kind: 'other-request' };
  if (now.isComplete) return { kind: 'reply' };
  return now.nowEpochMs - existing.createdAtEpochMs < IN_FLIGHT_MS
    ? { kind: 'in-flight' }
    : { kind: 'resume' };
}
