import type { Authenticate } from '../../shared/contract/authentication.ts';
import type { DueRows } from '../../shared/contract/due-rows.ts';
import { type ContractResponse, internalError } from '../../shared/contract/errors.ts';
import type { FetchQueue, SendQueue } from '../../shared/contract/queues.ts';
import type { ReadEnglishTime } from '../../shared/contract/scheduled-at.ts';
import type { Clock, Ids, Log, Messages, Objects } from '../../shared/domain/ports.ts';
import type { SendingDomains } from '../../shared/domain/sending-domain-ports.ts';
import type { Streams } from '../../shared/domain/stream.ts';
import type { TenantQuota } from '../../shared/domain/tenant-quota.ts';
import { buildDraft } from './build-draft.ts';
import { queueAgain, takeBack } from './lost-content.ts';
import { queueDrafts } from './queue-drafts.ts';
import { readSubmission } from './read-submission.ts';
import { type Reservation, releaseReservation, reserve } from './reserve.ts';
import { spendQuota } from './spend-quota.ts';
import { storeDrafts } from './store-drafts.ts';

export interface AcceptDeps {
  readonly authenticate: Authenticate;
  readonly messages: Pick<
    Messages,
    | 'putMessageIfAbsent'
    | 'getMessage'
    | 'putContent'
    | 'putIdempotencyRecordIfAbsent'
    | 'replaceIdempotencyRecord'
    | 'deleteIdempotencyRecord'
    | 'fence'
    | 'settleBatch'
    | 'getBatchState'
    | 'deleteUnsent'
  >;
  readonly objects: Pick<Objects, 'put'>;
  readonly sendQueue: SendQueue;
  readonly fetchQueue: FetchQueue;
  readonly dueRows: Pick<DueRows, 'put'>;
  readonly htmlToText: (html: string) => Promise<string>;
  readonly readEnglishTime: ReadEnglishTime;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Pick<Log, 'warn' | 'error'>;
  readonly sendingDomains: SendingDomains;
  readonly quota: TenantQuota;
  readonly settings: AcceptSettings;
}

export interface AcceptSettings {
  readonly messageKeepDays: number;
  readonly streams: Streams;
}

export interface AcceptInput {
  /** Lower-cased names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly route: 'single' | 'batch';
}

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
    await takeBack(lost, { drafts, isKeyed: reservation.held !== undefined }, deps);

    return { status: 200, body: submission.replyWith(reservation.messageIds) };
  };
}

function idAt(reservation: Extract<Reservation, { kind: 'reserved' }>, index: number): string {
  const messageId = reservation.messageIds[index];
  if (messageId === undefined) throw internalError('A request without an id of its own.', undefined);
  return messageId;
}
