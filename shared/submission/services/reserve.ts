import { ContractError, unavailable } from '../../base/contract/errors.ts';
import { decideRepeat, runOf } from '../../messages/idempotency.ts';
import type { IdempotencyRecord } from '../../messages/idempotency-record.ts';
import { BATCH_RECORD_DAYS, expiryAfterDays, FENCE_DAYS } from '../../messages/retention.ts';
import {
  idempotencyRecordOf,
  mayBeUnqueued,
  type Reservation,
  type Reserved,
  type StoredRequest,
  type Submission,
} from '../submission.ts';
import type { AcceptDeps } from './accept-deps.ts';

type Deps = Pick<AcceptDeps, 'messages' | 'clock' | 'ids' | 'log' | 'settings'>;

/**
 * Gives a request its ids. With an idempotency key they are fixed in a record before anything else is written, so that a
 * repeat finds them however the first run ended.
 * @throws ContractError 409 where the key belongs to another request or to one that is still running
 */
export async function reserve(submission: Submission, tenant: string, deps: Deps): Promise<Reservation> {
  const fresh: Reserved = {
    kind: 'reserved',
    messageIds: submission.requests.map(() => deps.ids.next()),
    ...(submission.isBatch ? { batchId: deps.ids.next() } : {}),
  };
  if (submission.idempotencyKey === undefined) return fresh;

  const record = idempotencyRecordOf(submission, fresh, deps.clock.nowEpochMs());
  const recorded = { ...fresh, record: { tenant, key: submission.idempotencyKey } };
  try {
    return await recordIds(recorded, record, { submission, ...deps });
  } catch (error) {
    if (error instanceof ContractError) throw error;
    await releaseReservation(recorded, deps);
    throw unavailable('The idempotency key cannot be looked up at the moment; nothing was stored.', error);
  }
}

/** Frees the key after a failure that has stored nothing: the next request with it starts anew. */
export async function releaseReservation(reserved: Reserved, { messages, log }: Deps): Promise<void> {
  const { record } = reserved;
  if (record === undefined) return;
  try {
    await messages.deleteIdempotencyRecord(record.tenant, record.key, reserved);
  } catch (error) {
    // It stays until it is a minute old; then a repeat starts anew.
    log.warn('idempotency_record_left', { error });
  }
}

type Recorded = Reserved & { readonly record: NonNullable<Reserved['record']> };
type RepeatDeps = Deps & { readonly submission: Submission };

async function recordIds(fresh: Recorded, record: IdempotencyRecord, deps: RepeatDeps): Promise<Reservation> {
  const { tenant, key } = fresh.record;
  const answer = await deps.messages.putIdempotencyRecordIfAbsent(tenant, key, record);
  // The SDK repeats a put whose reply was lost, and then meets its own record.
  if (answer.kind === 'stored' || runOf(answer.existing) === runOf(record)) return fresh;

  const { existing } = answer;
  const { requestHash } = record;
  const isComplete = existing.requestHash === requestHash && (await isStored(existing, tenant, deps));
  const nowEpochMs = deps.clock.nowEpochMs();
  const decision = decideRepeat(existing, { requestHash, nowEpochMs, isComplete });
  switch (decision.kind) {
    case 'reply':
      return answerAgain(existing, tenant, deps);
    case 'other-request':
      throw conflict('invalid_idempotent_request', 'This idempotency key was used with another payload.');
    case 'in-flight':
      throw inFlight();
    case 'resume':
      return startAnew(existing, fresh, record, deps);
  }
}

/**
 * A dead run is not resumed: what it was writing may still arrive, sweep may be deleting it, and its ids are
 * too old for the checks that find what was not queued. It is fenced off, and one of the repeats starts anew.
 */
async function startAnew(
  dead: IdempotencyRecord,
  fresh: Recorded,
  record: IdempotencyRecord,
  deps: RepeatDeps,
): Promise<Reservation> {
  const { tenant, key } = fresh.record;
  if (await wasStoredAfterAll(dead, tenant, deps)) return answerAgain(dead, tenant, deps);
  if (await deps.messages.replaceIdempotencyRecord(tenant, key, { dead, record })) return fresh;
  throw inFlight();
}

async function answerAgain(
  existing: IdempotencyRecord,
  tenant: string,
  deps: RepeatDeps,
): Promise<Reservation> {
  return { kind: 'answered', reply: existing.reply, unqueued: await findUnqueued(existing, tenant, deps) };
}

async function findUnqueued(
  { messageIds, reply }: IdempotencyRecord,
  tenant: string,
  { messages, settings, submission }: RepeatDeps,
): Promise<readonly StoredRequest[]> {
  // Which items of a permissive batch are good may have changed, and with it whose id is whose.
  if (JSON.stringify(submission.replyWith(messageIds)) !== reply) return [];
  const found = await Promise.all(
    submission.requests.map(async (request, index): Promise<readonly StoredRequest[]> => {
      const messageId = messageIds[index];
      if (messageId === undefined || settings.streams.byName(request.stream).keepDays > 0) return [];
      const message = await messages.getMessage(tenant, messageId, { consistent: true });
      const stored = message && { request, message };
      return stored !== undefined && mayBeUnqueued(stored) ? [stored] : [];
    }),
  );
  return found.flat();
}

async function wasStoredAfterAll(
  { batchId, messageIds }: IdempotencyRecord,
  tenant: string,
  { messages, clock }: Deps,
): Promise<boolean> {
  const nowEpochMs = clock.nowEpochMs();
  if (batchId === undefined) {
    const expiry = expiryAfterDays(nowEpochMs, FENCE_DAYS);
    return (await messages.fence(tenant, messageIds[0] ?? '', expiry)) === 'stored';
  }
  const expiry = expiryAfterDays(nowEpochMs, BATCH_RECORD_DAYS);
  return (await messages.endBatch(batchId, 'aborted', expiry)) === 'committed';
}

function isStored(existing: IdempotencyRecord, tenant: string, { messages }: Deps): Promise<boolean> {
  if (existing.batchId !== undefined) {
    return messages.getBatchState(existing.batchId).then((state) => state === 'committed');
  }
  const messageId = existing.messageIds[0] ?? '';
  return messages
    .getMessage(tenant, messageId, { consistent: true })
    .then((message) => message !== undefined);
}

const conflict = (name: 'invalid_idempotent_request' | 'concurrent_idempotent_requests', message: string) =>
  new ContractError(409, name, message);

const inFlight = () =>
  conflict('concurrent_idempotent_requests', 'A request with this idempotency key is still running.');
