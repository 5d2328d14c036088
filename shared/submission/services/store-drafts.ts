import { internalError, unavailable } from '../../base/contract/errors.ts';
import { inParallel } from '../../base/services/in-parallel.ts';
import type { BatchState, ScheduledMessages } from '../../messages/ports.ts';
import { BATCH_RECORD_DAYS, expiryAfterDays, FENCE_DAYS } from '../../messages/retention.ts';
import type { Draft } from '../contract/draft.ts';
import type { AcceptDeps } from './accept-deps.ts';

type Deps = Pick<AcceptDeps, 'messages' | 'objects' | 'clock' | 'log'>;

const WRITES_AT_ONCE = 25;
const NOTHING_STORED =
  'The mail cannot be stored at the moment; nothing was stored and nothing will be sent.';

/**
 * Stores content first, rows after; the row is the commit point of a single message, the batch record that of
 * a batch.
 * @param release is called where it is certain that nothing will be sent
 * @throws ContractError 503 then, and 500 where it cannot be known
 */
export async function storeDrafts(
  drafts: readonly Draft[],
  batchId: string | undefined,
  deps: Deps,
  release: () => Promise<void>,
): Promise<void> {
  const outcome = await (batchId === undefined
    ? storeSingle(drafts, deps)
    : storeBatch(drafts, batchId, deps));
  switch (outcome.kind) {
    case 'stored':
      return;
    case 'nothing':
      await release();
      throw unavailable(NOTHING_STORED, outcome.cause);
    case 'unknown':
      throw internalError('It is not known whether the mail was stored; it may be sent.', outcome.cause);
  }
}

type Outcome =
  | { readonly kind: 'stored' }
  | { readonly kind: 'nothing'; readonly cause: unknown }
  | { readonly kind: 'unknown'; readonly cause: unknown };

const STORED = { kind: 'stored' } as const;

async function storeSingle(drafts: readonly Draft[], deps: Deps): Promise<Outcome> {
  try {
    await storeContents(drafts, deps);
  } catch (cause) {
    return { kind: 'nothing', cause };
  }
  try {
    await storeRows(drafts, deps);
    return STORED;
  } catch (cause) {
    return fenceOff(drafts, cause, deps);
  }
}

/**
 * Finds out whether a put whose reply never came was done. It may have been, or may yet be: a read that finds
 * nothing would promise too much. What takes its place decides, and says who was first.
 */
async function fenceOff(
  drafts: readonly Draft[],
  cause: unknown,
  { messages, clock }: Deps,
): Promise<Outcome> {
  const expiry = expiryAfterDays(clock.nowEpochMs(), FENCE_DAYS);
  try {
    const fences = await Promise.all(
      drafts.map(({ message }) => messages.fence(message.tenant, message.messageId, expiry)),
    );
    return fences.includes('stored') ? STORED : { kind: 'nothing', cause };
  } catch (error) {
    return {
      kind: 'unknown',
      cause: new AggregateError([cause, error], 'Neither row nor fence.', { cause }),
    };
  }
}

async function storeBatch(drafts: readonly Draft[], batchId: string, deps: Deps): Promise<Outcome> {
  try {
    await storeContents(drafts, deps);
    await storeRows(drafts, deps);
  } catch (cause) {
    await endBatch(batchId, 'aborted', deps).catch((error: unknown) => {
      deps.log.warn('aborted_batch_left_to_sweep', { error });
    });
    await removeRows(drafts, deps);
    return { kind: 'nothing', cause };
  }
  return commit(drafts, batchId, deps);
}

/**
 * Commits a batch. A commit whose reply never came is fenced by an abort: the record keeps the one that was
 * first, and says which.
 */
async function commit(drafts: readonly Draft[], batchId: string, deps: Deps): Promise<Outcome> {
  let cause: unknown;
  try {
    const state = await endBatch(batchId, 'committed', deps, scheduledIn(drafts)).catch((error: unknown) => {
      cause = error;
      return endBatch(batchId, 'aborted', deps);
    });
    if (state === 'committed') return STORED;
  } catch (error) {
    return { kind: 'unknown', cause: error };
  }
  await removeRows(drafts, deps);
  return { kind: 'nothing', cause: new Error('The batch was aborted.', { cause }) };
}

function endBatch(
  batchId: string,
  state: BatchState,
  { messages, clock }: Deps,
  scheduled?: ScheduledMessages,
): Promise<BatchState> {
  const expiry = expiryAfterDays(clock.nowEpochMs(), BATCH_RECORD_DAYS);
  return messages.endBatch(batchId, state, expiry, scheduled);
}

/**
 * The scheduled messages among drafts; undefined where there is none, so that the record of most batches
 * stays one written unit.
 */
function scheduledIn(drafts: readonly Draft[]): ScheduledMessages | undefined {
  const scheduled = drafts.map(({ message }) => message).filter(({ status }) => status === 'scheduled');
  const [first] = scheduled;
  return first && { tenant: first.tenant, messageIds: scheduled.map(({ messageId }) => messageId) };
}

/**
 * Removes rows, only for tidiness: rows of a batch that is not committed are never sent, and sweep removes
 * them.
 */
async function removeRows(drafts: readonly Draft[], { messages, log }: Deps): Promise<void> {
  try {
    await inParallel(drafts, WRITES_AT_ONCE, ({ message }) =>
      messages.deleteUnsent(message.tenant, message.messageId),
    );
  } catch (error) {
    log.warn('aborted_batch_left_to_sweep', { error });
  }
}

export const storeContents = (drafts: readonly Draft[], deps: Pick<Deps, 'messages' | 'objects'>) =>
  inParallel(drafts, WRITES_AT_ONCE, (draft) => storeContent(draft, deps));

async function storeContent(
  draft: Draft,
  { messages, objects }: Pick<Deps, 'messages' | 'objects'>,
): Promise<void> {
  const { message, content, contentExpiresAtEpochSeconds: expiry } = draft;
  await Promise.all([
    ...draft.uploads.map(({ objectKey, bytes, contentType }) => objects.put(objectKey, bytes, contentType)),
    draft.placement.store === 'table' ? messages.putContent(message.messageId, content, expiry) : undefined,
  ]);
}

/** "Already there" is our own put, repeated by the SDK or by a resumed request: no other request has the id. */
function storeRows(drafts: readonly Draft[], { messages }: Deps): Promise<void> {
  return inParallel(drafts, WRITES_AT_ONCE, ({ message }) => messages.putMessageIfAbsent(message));
}
