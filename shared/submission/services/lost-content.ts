import type { ApiKeyClaims } from '../../access/api-key.ts';
import { internalError, unavailable } from '../../base/contract/errors.ts';
import { inParallel } from '../../base/services/in-parallel.ts';
import { expiryAfterDays, FENCE_DAYS } from '../../messages/retention.ts';
import type { Draft } from '../contract/draft.ts';
import type { StoredRequest } from '../submission.ts';
import type { AcceptDeps } from './accept-deps.ts';
import { buildDraft } from './build-draft.ts';
import { queueDrafts } from './queue-drafts.ts';
import { storeContents } from './store-drafts.ts';

const MAY_BE_SENT = 'It is not known whether all of the mail can be sent.';
const FENCES_AT_ONCE = 25;

/**
 * Withdraws mail that is stored while its content is nowhere, so that the caller can send it again.
 * @param isKeyed a repeat may have been told of this mail, so that it has to stay; the next one queues it
 * @throws ContractError 503 where none of a request is ever sent, 500 where that cannot be had
 */
export async function withdraw(
  lost: readonly Draft[],
  { drafts, isKeyed }: { readonly drafts: readonly Draft[]; readonly isKeyed: boolean },
  { messages, clock }: Pick<AcceptDeps, 'messages' | 'clock'>,
): Promise<void> {
  if (lost.length === 0) return;
  if (isKeyed || lost.length < drafts.length) throw internalError(MAY_BE_SENT, undefined);
  const expiry = expiryAfterDays(clock.nowEpochMs(), FENCE_DAYS);
  const beingSent = new Set<string>();
  try {
    await inParallel(lost, FENCES_AT_ONCE, async ({ message: { tenant, messageId } }) => {
      const outcome = await messages.fence(tenant, messageId, expiry, 'unsent');
      if (outcome === 'stored') beingSent.add(messageId);
    });
  } catch (cause) {
    throw internalError(MAY_BE_SENT, cause);
  }
  // The queue has it after all, and only its reply was lost.
  if (beingSent.size === lost.length) return;
  if (beingSent.size > 0) throw internalError(MAY_BE_SENT, undefined);
  throw unavailable('The mail cannot be queued at the moment; nothing will be sent.', undefined);
}

/**
 * Queues what the first run of a request may not have queued, under its ids. The claim makes a second job harmless.
 * @throws ContractError 500 where that fails: the mail is stored, but its content is nowhere
 */
export async function queueAgain(
  unqueued: readonly StoredRequest[],
  claims: ApiKeyClaims,
  deps: AcceptDeps,
): Promise<void> {
  if (unqueued.length === 0) return;
  const drafts = await Promise.all(
    unqueued.map(({ request, message: { messageId, batchId } }) =>
      buildDraft(request, { claims, messageId, batchId }, deps),
    ),
  );
  try {
    await storeContents(drafts, deps);
  } catch (cause) {
    throw internalError(MAY_BE_SENT, cause);
  }
  const lost = await queueDrafts(drafts, deps);
  if (lost.length > 0) throw internalError(MAY_BE_SENT, undefined);
}
