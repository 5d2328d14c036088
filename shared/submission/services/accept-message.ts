import type { ApiKeyClaims } from '../../access/api-key.ts';
import { type ContractResponse, internalError } from '../../base/contract/errors.ts';
import type { Draft } from '../contract/draft.ts';
import type { SendInput } from '../contract/send-body.ts';
import { isEmpty, type Reserved, type Submission } from '../submission.ts';
import type { AcceptDeps } from './accept-deps.ts';
import { buildDraft } from './build-draft.ts';
import { queueAgain, withdraw } from './lost-content.ts';
import { queueDrafts } from './queue-drafts.ts';
import { readSubmission } from './read-submission.ts';
import { releaseReservation, reserve } from './reserve.ts';
import { spendQuota } from './spend-quota.ts';
import { storeDrafts } from './store-drafts.ts';

export type AcceptMessage = (input: SendInput) => Promise<ContractResponse>;

/**
 * Takes mail in: checks it whole, stores it, queues it. A 200 means that it is stored and will be sent, also if queueing
 * fails or the process dies after; a 503 means that nothing is stored that will ever be sent.
 * @throws ContractError for every other answer
 */
export function createAcceptMessage(deps: AcceptDeps): AcceptMessage {
  return async (input) => {
    const claims = await deps.authenticate(input.headers);
    const submission = await readSubmission(input, claims, deps);
    if (isEmpty(submission)) return ok(submission.replyWith([]));

    const reservation = await reserve(submission, claims.tenant, deps);
    if (reservation.kind === 'answered') {
      await queueAgain(reservation.unqueued, claims, deps);
      return ok(JSON.parse(reservation.reply));
    }
    await spendQuota(submission, reservation, claims.tenant, deps);

    const drafts = await buildDrafts(submission, reservation, claims, deps);

    await storeDrafts(drafts, reservation.batchId, deps, () => releaseReservation(reservation, deps));
    const lost = await queueDrafts(drafts, deps);
    await withdraw(lost, { drafts, isKeyed: reservation.record !== undefined }, deps);

    return ok(submission.replyWith(reservation.messageIds));
  };
}

const ok = (body: object): ContractResponse => ({ status: 200, body });

function buildDrafts(
  { requests }: Submission,
  { messageIds, batchId }: Reserved,
  claims: ApiKeyClaims,
  deps: AcceptDeps,
): Promise<readonly Draft[]> {
  return Promise.all(
    requests.map((request, index) => {
      const messageId = messageIds[index];
      if (messageId === undefined) throw internalError('A request without an id of its own.', undefined);
      return buildDraft(request, { claims, batchId, messageId }, deps);
    }),
  );
}
