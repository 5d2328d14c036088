import type { Clock, Log } from '../../shared/base/ports.ts';
import { trackingOf } from '../../shared/mail/tracking.ts';
import type { SendJob } from '../../shared/messages/contract/queue-body.ts';
import type { Message } from '../../shared/messages/message.ts';
import { deliveryRecipientsOf } from '../../shared/messages/message-state.ts';
import { evidenceWaitMsOf } from '../../shared/sending/claim-decision.ts';
import type { OutgoingMail } from '../../shared/sending/mailer.ts';
import { outgoingMail } from '../../shared/sending/outgoing-mail.ts';
import type { Streams } from '../../shared/streams/stream.ts';
import type { SuppressionLists } from '../../shared/suppressions/ports.ts';
import { scopesOf } from '../../shared/suppressions/suppression-scope.ts';
import { type Exit, type Step, tryLater } from './exit.ts';
import type { LoadAttachments, UsableContent } from './load-content.ts';

export interface PrepareDeps {
  readonly suppressions: Pick<SuppressionLists, 'findSuppressed'>;
  readonly loadAttachments: LoadAttachments;
  readonly unsubscribeLink: (message: Message, recipients: readonly string[]) => Promise<string | undefined>;
  /** Takes a claim back where the record is to fail. */
  readonly release: (message: Message, statusReason: string) => Promise<void>;
  readonly isOutage: (error: unknown) => boolean;
  readonly streams: Streams;
  readonly clock: Clock;
  /** 0 to 1, by chance. */
  readonly jitter: () => number;
  readonly log: Pick<Log, 'error'>;
}

export interface ClaimedJob {
  readonly job: SendJob;
  readonly message: Message;
  readonly configurationSet: string;
}

export interface Prepared {
  readonly mail: OutgoingMail;
  readonly suppressed: readonly string[];
  /** How many are left. */
  readonly recipients: number;
}

/**
 * Makes the mail of a claimed message. Before SES is asked every failure is a definite no, and the claim can be released.
 * @throws what is no outage, after the release
 */
export function createPrepareMail(deps: PrepareDeps) {
  return async (claim: ClaimedJob, loaded: UsableContent): Promise<Step<Prepared>> => {
    const { job, message } = claim;
    if (loaded.kind === 'missing') return { kind: 'failed', reason: loaded.reason, message };
    try {
      return await prepare(claim, loaded, deps);
    } catch (error) {
      if (!deps.isOutage(error)) {
        await deps.release(message, 'not_prepared');
        throw error;
      }
      deps.log.error('store_unavailable', { messageId: message.messageId, error });
      return tryLater(job, message, {
        reason: 'store_unavailable',
        nowEpochMs: deps.clock.nowEpochMs(),
        evidenceWaitMs: evidenceWaitMsOf(deps.streams.byName(message.stream)),
        jitter: deps.jitter(),
      });
    }
  };
}

/** The list is read after the claim, consistently: an address that is on it by then is not mailed. */
async function prepare(
  { message, configurationSet }: ClaimedJob,
  { content, attachments: references }: UsableContent & { kind: 'content' },
  deps: PrepareDeps,
): Promise<Step<Prepared>> {
  const recipients = deliveryRecipientsOf(message);
  const scopes = scopesOf(message.tenant, deps.streams.byName(message.stream));
  const listed = await deps.suppressions.findSuppressed(scopes, recipients);
  const suppressed = recipients.filter((address) => listed.has(address));
  if (suppressed.length === recipients.length) return suppress(message, suppressed, deps);

  const loaded = await deps.loadAttachments(references, message);
  if (loaded.kind === 'missing') return { kind: 'failed', reason: loaded.reason, message };
  const { attachments } = loaded;
  const tracking = trackingOf(message.tracking, deps.streams.find(message.stream)?.tracking);
  const unsubscribeUrl = await deps.unsubscribeLink(message, recipients);
  const parts = { attachments, suppressed: listed, configurationSet, tracking, unsubscribeUrl };
  const mail = outgoingMail(message, content, parts);
  return { kind: 'send', mail, suppressed, recipients: recipients.length - suppressed.length };
}

function suppress(message: Message, suppressedRecipients: readonly string[], { clock }: PrepareDeps): Exit {
  const move = { to: 'suppressed', suppressedRecipients, endedAtEpochMs: clock.nowEpochMs() } as const;
  return { kind: 'done', reason: 'suppressed', row: { message, move }, ended: message };
}
