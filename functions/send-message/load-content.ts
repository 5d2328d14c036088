import { defined } from '../../shared/base/defined.ts';
import type { Clock, Log } from '../../shared/base/ports.ts';
import { encodedLength } from '../../shared/mail/mail-attachment.ts';
import type { Attachment, MessageContent } from '../../shared/mail/mail-content.ts';
import { decodeContent, UnreadableContentError } from '../../shared/messages/contract/message-content.ts';
import type { SendJob } from '../../shared/messages/contract/queue-body.ts';
import type { Messages, Objects } from '../../shared/messages/ports.ts';
import { isTooOldToTry, type Timed } from '../../shared/messages/retry-schedule.ts';
import { isEnded } from '../../shared/sending/claim-decision.ts';
import type { OutgoingAttachment } from '../../shared/sending/mailer.ts';
import { attachmentsOf } from '../../shared/sending/outgoing-mail.ts';
import type { Step } from './exit.ts';

interface LoadContentDeps {
  readonly messages: Pick<Messages, 'getContent' | 'getMessage'>;
  readonly objects: Pick<Objects, 'get'>;
  readonly isOutage: (error: unknown) => boolean;
  readonly clock: Clock;
  readonly log: Pick<Log, 'error'>;
}

/** Bodies and references, without the bytes of attachments. */
export type UsableContent =
  | {
      readonly kind: 'content';
      readonly content: MessageContent;
      readonly attachments: readonly Attachment[];
    }
  /** There is nothing to send, and never will be. */
  | { readonly kind: 'missing'; readonly reason: string };

/**
 * Reads what a job refers to.
 * @throws what is not for good: an outage, unless the message has its end, and what nothing is known of
 */
export function createLoadContent(deps: LoadContentDeps) {
  return async (job: SendJob): Promise<Step<{ readonly loaded: UsableContent }>> => {
    try {
      return { kind: 'send', loaded: await loadContent(job, deps) };
    } catch (error) {
      if (!deps.isOutage(error)) throw error;
      if (isTooOldToTry(job, deps.clock.nowEpochMs())) {
        return { kind: 'send', loaded: unusable('content_unavailable', job, error, deps) };
      }
      // S3 answers 403 for an object that is gone, as for a right that is missing: a leftover job need not wait.
      const message = await deps.messages.getMessage(job.tenant, job.messageId);
      if (message === undefined || !isEnded(message)) throw error;
      return { kind: 'done', reason: 'leftover' };
    }
  };
}

async function loadContent(job: SendJob, deps: LoadContentDeps): Promise<UsableContent> {
  if (job.content.kind === 'unavailable') return { kind: 'missing', reason: job.content.reason };
  try {
    const content = await readContent(job, job.content, deps);
    if (content === undefined) return { kind: 'missing', reason: 'content_not_kept' };
    return { kind: 'content', content, attachments: attachmentsOf(content, job.fetched) };
  } catch (error) {
    if (error instanceof UnreadableContentError) return unusable('content_unreadable', job, error, deps);
    throw error;
  }
}

function unusable(reason: string, { messageId }: SendJob, error: unknown, { log }: LoadContentDeps) {
  log.error(reason, { messageId, error });
  return { kind: 'missing', reason } as const;
}

async function readContent(
  { messageId }: SendJob,
  content: Exclude<SendJob['content'], { kind: 'unavailable' }>,
  { messages, objects }: LoadContentDeps,
): Promise<MessageContent | undefined> {
  if (content.kind === 'inline') return content.content;
  if (content.kind === 'table') return messages.getContent(messageId);
  const bytes = await objects.get(content.objectKey);
  return bytes && decodeContent(bytes);
}

/** Estimates what the mail will take in memory, encoded; the whole budget where a size is not known. */
export function weightOf(loaded: UsableContent): number {
  if (loaded.kind !== 'content') return 0;
  const { html = '', text = '' } = loaded.content;
  const sizes = loaded.attachments.map(({ sizeBytes = Number.POSITIVE_INFINITY }) =>
    encodedLength(sizeBytes),
  );
  return sizes.reduce((total, size) => total + size, html.length + text.length);
}

type LoadedAttachments =
  | { readonly kind: 'attachments'; readonly attachments: readonly OutgoingAttachment[] }
  | { readonly kind: 'missing'; readonly reason: string };

export type LoadAttachments = (
  references: readonly Attachment[],
  message: Timed,
) => Promise<LoadedAttachments>;

/**
 * Reads the bytes of attachments, one file after the other.
 * @throws where a file may be there all the same
 */
export function createLoadAttachments({
  objects,
  isOutage,
  clock,
  log,
}: Omit<LoadContentDeps, 'messages'>): LoadAttachments {
  return async (references, message) => {
    const loaded: OutgoingAttachment[] = [];
    for (const { filename, contentType, contentId, objectKey } of references) {
      const bytes = await objects.get(objectKey).catch((error: unknown) => {
        if (!isOutage(error) || !isTooOldToTry(message, clock.nowEpochMs())) throw error;
        log.error('attachment_unavailable', { messageId: message.messageId, error });
        return undefined;
      });
      if (bytes === undefined) return { kind: 'missing', reason: 'attachment_unavailable' };
      loaded.push({ filename, contentType, ...defined({ contentId }), bytes });
    }
    return { kind: 'attachments', attachments: loaded };
  };
}
