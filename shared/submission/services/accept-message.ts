import { type ContractResponse, internalError } from '../../base/contract/errors.ts';
import type { AcceptDeps, AcceptInput } from './accept-deps.ts';
import { buildDraft } from './build-draft.ts';
import { queueAgain, takeBack } from './lost-content.ts';
import { queueDrafts } from './queue-drafts.ts';
import { readSubmission } from './read-submission.ts';
import { type Reservation, releaseReservation, reserve } from './reserve.ts';
import { spendQuota } from './spend-quota.ts';
import { storeDrafts } from './store-drafts.ts';

export type AcceptMessage = (input: AcceptInput) => Promise<ContractResponse>;

/** Which of the two routes a path is, once it is known to be one of them. */
export const routeOf = (path: string): AcceptInput['route'] => (path.endsWith('/batch') ? 'batch' : 'single');

/**
 * Takes mail in: checks it whole, stores it, queues it. A 200 means that it is stored and will be sent, also if queueing
 * fails or the process dies after; a 503 means that nothing is stored that will ever be sent.
 * @throws ContractError for every other answer
 */
export function createAcceptMessage(deps: AcceptDeps): AcceptMessage {
  return async (input) => {
    const claims = await deps.authenticate(input.headers);
    const submission = await readSubmission(input, claims, deps);
    // Nothing to store, and nothing to remember either unless it was asked for.
    if (submission.requests.length === 0 && submission.idempotencyKey === undefined)
      return { status: 200, body: submission.replyWith([]) };

    const reservation = await reserve(submission, claims.tenant, deps);
    if (reservation.kind === 'answered') {
      await queueAgain(reservation.unqueued, claims, deps);
      return { status: 200, body: JSON.parse(reservation.reply) };
    }

    await spendQuota(submission, reservation, claims.tenant, deps);
    const drafts = await Promise.all(
      submission.requests.map((request, index) =>
        buildDraft(
          request,
          { claims, batchId: reservation.batchId, messageId: idAt(reservation, index) },
          deps,
        ),
      ),
    );

    await storeDrafts(drafts, reservation.batchId, deps, () => releaseReservation(reservation, deps));
    const lost = await queueDrafts(drafts, deps);
    await takeBack(lost, { drafts, isKeyed: reservation.record !== undefined }, deps);

    return { status: 200, body: submission.replyWith(reservation.messageIds) };
  };
}

function idAt(reservation: Extract<Reservation, { kind: 'reserved' }>, index: number): string {
  const messageId = reservation.messageIds[index];
  if (messageId === undefined) throw internalError('A request without an id of its own.', undefined);
  return messageId;
}
