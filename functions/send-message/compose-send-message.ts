import type { SigningKeys } from '../../shared/access/ports.ts';
import type { Clock, Ids, Log } from '../../shared/base/ports.ts';
import type { SendQueue } from '../../shared/messages/contract/queues.ts';
import type { Messages, Objects } from '../../shared/messages/ports.ts';
import type { MailboxProviders } from '../../shared/pace/ports.ts';
import type { Pacer } from '../../shared/pace/services/pacer.ts';
import type { SendWindow } from '../../shared/pace/services/send-window.ts';
import type { CountSent } from '../../shared/reputation/services/count-sent.ts';
import type { DueRows } from '../../shared/scheduling/contract/due-rows.ts';
import { evidenceWaitMsOf, releaseMove } from '../../shared/sending/claim-decision.ts';
import type { Mailer } from '../../shared/sending/mailer.ts';
import type { StreamStates } from '../../shared/streams/ports.ts';
import type { Streams } from '../../shared/streams/stream.ts';
import type { SuppressionLists } from '../../shared/suppressions/ports.ts';
import { unsubscribeLink } from '../../shared/suppressions/services/unsubscribe-link.ts';
import type { Tenants } from '../../shared/tenants/ports.ts';
import type { Allowance } from '../../shared/warm-up/services/allowance.ts';
import { createActOnExit } from './act-on-exit.ts';
import { createAdmitJob } from './admit-job.ts';
import { createAttemptSend } from './attempt-send.ts';
import { createCheckPause, createCheckTwin } from './check-job.ts';
import { createClaimMessage } from './claim-message.ts';
import { createDeferJob } from './defer-job.ts';
import { createLoadAttachments, createLoadContent } from './load-content.ts';
import type { MemoryGate } from './memory-gate.ts';
import { createPrepareMail, type PrepareDeps } from './prepare-mail.ts';
import { createRecordReceipt } from './record-receipt.ts';
import { createSendMessage } from './send-message.ts';

/** What sending touches, by what it is for. */
interface SendMessageParts {
  readonly stores: SendStores;
  readonly pace: SendPace;
  readonly mail: SendMail;
  readonly limits: SendLimits;
  readonly memory: MemoryGate;
  readonly streams: Streams;
  readonly clock: Clock;
  readonly ids: Ids;
  /** 0 to 1, by chance. */
  readonly jitter: () => number;
  readonly log: Log;
}

export interface SendStores {
  readonly messages: Pick<
    Messages,
    | 'claim'
    | 'defer'
    | 'advance'
    | 'getMessage'
    | 'getTimeline'
    | 'getContent'
    | 'putContent'
    | 'deleteContent'
    | 'appendFact'
  >;
  readonly objects: Pick<Objects, 'get' | 'delete'>;
  readonly suppressions: Pick<SuppressionLists, 'findSuppressed'>;
  readonly queue: Pick<SendQueue, 'enqueue'>;
  readonly dueRows: Pick<DueRows, 'put' | 'remove'>;
  readonly isOutage: (error: unknown) => boolean;
}

/** What says when and which way a mail may go. */
export interface SendPace {
  readonly streamStates: Pick<StreamStates, 'find'>;
  readonly tenants: Pick<Tenants, 'find'>;
  readonly pacer: Pacer;
  readonly allowance: Pick<Allowance, 'take' | 'isUsedUp'>;
  readonly providers: MailboxProviders;
  readonly window: SendWindow;
  readonly sleep: (ms: number) => Promise<unknown>;
}

export interface SendMail {
  readonly mailer: Mailer;
  readonly countSent: CountSent;
  readonly signingKeys: SigningKeys;
  /** Of the API, as the internet knows it, without a slash at its end. */
  readonly publicUrl: string;
}

export interface SendLimits {
  /** Longer than the function may run: a process that still lives always has its lease. */
  readonly leaseMs: number;
  /** What one attempt may take, from the wait for its slot to the row that tells its outcome. */
  readonly attemptMs: number;
  readonly messageKeepDays: number;
}

/** Makes the steps from what they touch, and the walk from the steps. */
export function composeSendMessage(parts: SendMessageParts) {
  const { stores, pace, mail, limits, memory, streams, clock, ids, jitter, log } = parts;
  const world = { streams, clock, ids, jitter, log };
  const checkPause = createCheckPause({ ...pace, ...world });
  return createSendMessage({
    checkPause,
    checkTwin: createCheckTwin({ ...stores, ...world }),
    loadContent: createLoadContent({ ...stores, ...world }),
    memory,
    admitJob: createAdmitJob({ ...pace, ...world, checkPause }),
    claimMessage: createClaimMessage({ ...stores, ...limits, ...world }),
    prepareMail: createPrepareMail({
      ...stores,
      ...world,
      loadAttachments: createLoadAttachments({ ...stores, ...world }),
      unsubscribeLink: (message, recipients) => unsubscribeLink(message, recipients, { ...mail, ...world }),
      release: createRelease(parts),
    }),
    attemptSend: createAttemptSend({ ...mail, ...pace, ...world }),
    actOnExit: createActOnExit({
      ...stores,
      ...mail,
      ...world,
      deferJob: createDeferJob({ ...stores, ...world }),
      recordReceipt: createRecordReceipt({ ...stores, ...limits, ...world }),
    }),
    attemptMs: limits.attemptMs,
    isOutage: stores.isOutage,
    jitter,
  });
}

const createRelease =
  ({ stores, streams, clock }: SendMessageParts): PrepareDeps['release'] =>
  async (message, statusReason) => {
    const evidenceWaitMs = evidenceWaitMsOf(streams.byName(message.stream));
    const move = releaseMove(message, statusReason, { nowEpochMs: clock.nowEpochMs(), evidenceWaitMs });
    await stores.messages.advance(message.tenant, message.messageId, message, move);
  };
