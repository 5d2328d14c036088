import { backOffSeconds } from '../../shared/base/queue-delay.ts';
import type { Attachment } from '../../shared/mail/mail-content.ts';
import { trackingOf } from '../../shared/mail/tracking.ts';
import type { SendJob } from '../../shared/messages/contract/queue-body.ts';
import type { Message } from '../../shared/messages/message.ts';
import { deliveryRecipientsOf } from '../../shared/messages/message-state.ts';
import type { Messages, Objects } from '../../shared/messages/ports.ts';
import { dueAtEpochMsOf, UNQUEUED_AFTER_SECONDS } from '../../shared/messages/retry-schedule.ts';
import type { SendWindow } from '../../shared/pace/services/send-window.ts';
import { isEnded } from '../../shared/sending/claim-decision.ts';
import type { Mailer } from '../../shared/sending/mailer.ts';
import { outgoingMail } from '../../shared/sending/outgoing-mail.ts';
import { classifySend } from '../../shared/sending/send-outcome.ts';
import type { SuppressionLists } from '../../shared/suppressions/ports.ts';
import { scopesOf } from '../../shared/suppressions/suppression-scope.ts';
import { type Admission, type AdmitDeps, admitJob, findPause } from './admit-job.ts';
import type { ByteGate } from './byte-gate.ts';
import { type ClaimDeps, claimMessage } from './claim-message.ts';
import {
  type LoadContentDeps,
  type LoadedContent,
  loadAttachments,
  loadContent,
  weightOf,
} from './load-content.ts';
import { type ParkDeps, putBack, putOff } from './park-job.ts';
import {
  fail,
  giveBack,
  type SettleDeps,
  type Settled,
  settleAttempt,
  settleTaken,
  tryLater,
  UnrecordedYesError,
} from './settle-attempt.ts';
import { type UnsubscribeLinkDeps, unsubscribeLink } from './unsubscribe-link.ts';

export interface SendMessageDeps
  extends AdmitDeps,
    ClaimDeps,
    LoadContentDeps,
    ParkDeps,
    SettleDeps,
    UnsubscribeLinkDeps {
  readonly messages: Pick<
    Messages,
    | 'claim'
    | 'park'
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
  readonly mailer: Mailer;
  readonly window: SendWindow;
  readonly gate: ByteGate;
  /** What one attempt may take, from the wait for its slot to the row that tells its outcome. */
  readonly attemptMs: number;
}

type UsableContent = Exclude<LoadedContent, { kind: 'later' }>;

/**
 * Brings one message one step further: claim, suppression list, one attempt at SES, outcome. Whatever has to wait comes
 * back as a delayed copy of the job; throwing is for what nothing is known to help.
 */
export function createSendMessage(deps: SendMessageDeps) {
  return async (job: SendJob, { remainingMs }: { readonly remainingMs: () => number }): Promise<void> => {
    try {
      await work(job, remainingMs, deps);
    } catch (error) {
      const yes = error instanceof UnrecordedYesError ? error : undefined;
      if (!deps.isOutage(yes?.cause ?? error)) throw error;
      deps.log.error('job_held', { messageId: job.messageId, waits: job.waits, error });
      const copy = { ...job, held: true, ...(yes === undefined ? {} : { taken: yes.taken }) };
      await putBack(copy, backOffSeconds(job.waits, deps.jitter()), deps);
    }
  };
}

async function work(job: SendJob, remainingMs: () => number, deps: SendMessageDeps): Promise<void> {
  if (job.taken !== undefined) {
    await settleTaken(job, job.taken, deps);
    return;
  }
  const pause = await findPause(job, deps);
  if (pause !== undefined) return putOff(job, pause, deps);
  if (mayHaveTwin(job, deps.clock.nowEpochMs()) && (await hasEnded(job, deps))) return;
  const loaded = await loadContent(job, deps);
  if (loaded.kind === 'later') return waitForContent(job, loaded.error, deps);
  await deps.gate.run(weightOf(loaded), async () => {
    if (remainingMs() < deps.attemptMs) return putBack(job, 0, deps);
    const admission = await admitJob(job, deps);
    if (admission.kind === 'wait') return putOff(job, admission.wait, deps);
    const claim = await claimMessage(job, deps);
    if (claim.kind === 'wait') return putBack({ ...job, held: false }, claim.delaySeconds, deps);
    if (claim.kind === 'done') return claim.message && discardContent(job, claim.message, loaded, deps);
    const settled = await attempt({ job, admission }, claim.message, loaded, deps);
    if (settled === 'ended') await discardContent(job, claim.message, loaded, deps);
  });
}

/** The other job of a mail that has left, made by `sweep`, must not take the slot and the day's volume of another mail. */
const mayHaveTwin = (job: SendJob, nowEpochMs: number): boolean =>
  nowEpochMs - dueAtEpochMsOf(job) >= UNQUEUED_AFTER_SECONDS * 1000;

/** Where content is not kept, the claim finds the end as well, and what carried it is discarded then. */
async function hasEnded({ tenant, messageId }: SendJob, { messages }: SendMessageDeps): Promise<boolean> {
  const message = await messages.getMessage(tenant, messageId);
  return message !== undefined && message.contentKeptUntilEpochSeconds !== undefined && isEnded(message);
}

/** S3 answers 403 for an object that is gone, as it does for a right that is missing: a leftover job need not wait. */
async function waitForContent(
  { tenant, messageId }: SendJob,
  cause: unknown,
  deps: SendMessageDeps,
): Promise<void> {
  const message = await deps.messages.getMessage(tenant, messageId);
  if (message === undefined || !isEnded(message)) throw cause;
}

/** The list is read after the claim, consistently: who is on it by then is not mailed. */
async function attempt(
  { job, admission }: { readonly job: SendJob; readonly admission: Admission & { kind: 'now' } },
  message: Message,
  loaded: UsableContent,
  deps: SendMessageDeps,
): Promise<Settled> {
  if (loaded.kind === 'missing') return fail(message, loaded.reason, deps);
  const { configurationSet, sendAtEpochMs, perSecond } = admission;
  const prepared = await untilSent(() => prepare(message, loaded, configurationSet, deps), message, deps);
  if (prepared.kind === 'outage') return tryLater(job, message, 'store_unavailable', deps);
  if (prepared.kind === 'missing') return fail(message, prepared.reason, deps);
  if (prepared.kind === 'suppressed') return suppress(message, prepared.suppressed, deps);

  await deps.sleep(Math.max(0, sendAtEpochMs - deps.clock.nowEpochMs()));
  const recipients = deliveryRecipientsOf(message).length - prepared.suppressed.length;
  const stream = deps.streams.byName(job.stream).name;
  const answer = await deps.window.run({ stream, recipients, perSecond }, () =>
    deps.mailer.send(prepared.mail),
  );
  const { suppressed } = prepared;
  return settleAttempt(classifySend(answer), { job, message, suppressed, recipients }, deps);
}

async function prepare(
  message: Message,
  { content, attachments: references }: LoadedContent & { kind: 'content' },
  configurationSet: string,
  deps: SendMessageDeps,
) {
  const recipients = deliveryRecipientsOf(message);
  const scopes = scopesOf(message.tenant, deps.streams.byName(message.stream));
  const listed = await deps.suppressions.findSuppressed(scopes, recipients);
  const suppressed = recipients.filter((address) => listed.has(address));
  if (suppressed.length === recipients.length) return { kind: 'suppressed', suppressed } as const;

  const loaded = await loadAttachments(references, deps, message);
  if (loaded.kind === 'missing') return loaded;
  const tracking = trackingOf(message.tracking, deps.streams.find(message.stream)?.tracking);
  const unsubscribeUrl = await unsubscribeLink(message, recipients, deps);
  const parts = { ...loaded, suppressed: listed, configurationSet, tracking, unsubscribeUrl };
  const mail = outgoingMail(message, content, parts);
  return { kind: 'mail', mail, suppressed } as const;
}

/** Before SES is asked every failure is a definite no, and the claim can be given back. */
async function untilSent<T>(
  step: () => Promise<T>,
  message: Message,
  deps: SendMessageDeps,
): Promise<T | { kind: 'outage' }> {
  try {
    return await step();
  } catch (error) {
    if (deps.isOutage(error)) {
      deps.log.error('store_unavailable', { messageId: message.messageId, error });
      return { kind: 'outage' };
    }
    await giveBack(message, 'not_prepared', deps);
    throw error;
  }
}

async function suppress(
  message: Message,
  suppressedRecipients: readonly string[],
  { messages, clock }: SendMessageDeps,
): Promise<Settled> {
  await messages.advance(message.tenant, message.messageId, message, {
    to: 'suppressed',
    suppressedRecipients,
    endedAtEpochMs: clock.nowEpochMs(),
  });
  return 'ended';
}

/**
 * Where content is not kept, what carried it goes once the message has its end. What a failure leaves behind expires
 * with the bucket's lifecycle rules and the table's time to live.
 */
async function discardContent(
  { content, messageId }: SendJob,
  message: Message,
  loaded: UsableContent,
  { messages, objects, log }: SendMessageDeps,
): Promise<void> {
  if (message.contentKeptUntilEpochSeconds !== undefined) return;
  const attachments: readonly Attachment[] = loaded.kind === 'content' ? loaded.attachments : [];
  const keys = attachments.map(({ objectKey }) => objectKey);
  if (content.kind === 'object') keys.push(content.objectKey);
  try {
    if (keys.length > 0) await objects.delete(keys);
    if (content.kind === 'table') await messages.deleteContent(messageId);
  } catch (error) {
    log.error('content_not_discarded', { messageId, error });
  }
}
