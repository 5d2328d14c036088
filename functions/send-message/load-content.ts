import type { Log } from '../../shared/base/ports.ts';
import { encodedLength } from '../../shared/mail/mail-attachment.ts';
import type { Attachment, MessageContent } from '../../shared/mail/mail-content.ts';
import { decodeContent, UnreadableContentError } from '../../shared/messages/contract/message-content.ts';
import type { SendJob } from '../../shared/messages/contract/queue-body.ts';
import type { Messages, Objects } from '../../shared/messages/ports.ts';
import { isTooOldToTry, type Timed } from '../../shared/messages/retry-schedule.ts';
import type { OutgoingAttachment } from '../../shared/sending/mailer.ts';
import { attachmentsOf } from '../../shared/sending/outgoing-mail.ts';

export interface LoadContentDeps {
  readonly messages: Pick<Messages, 'getContent'>;
  readonly objects: Pick<Objects, 'get'>;
  readonly isOutage: (error: unknown) => boolean;
  readonly clock: { nowEpochMs(): number };
  readonly log: Log;
}

export type LoadedContent =
  | {
      readonly kind: 'content';
      readonly content: MessageContent;
      readonly attachments: readonly Attachment[];
    }
  /** There is nothing to send, and never will be. */
  | { readonly kind: 'missing'; readonly reason: string }
  /** The store that has it cannot be used at the moment. */
  | { readonly kind: 'later'; readonly error: unknown };

export type LoadedAttachments =
  | { readonly kind: 'attachments'; readonly attachments: readonly OutgoingAttachment[] }
  | { readonly kind: 'missing'; readonly reason: string };

/** Bodies and references, without the bytes of attachments. Throws what is neither an outage nor for good. */
export async function loadContent(job: SendJob, deps: LoadContentDeps): Promise<LoadedContent> {
  if (job.content.kind === 'unavailable') return { kind: 'missing', reason: job.content.reason };
  try {
    const content = await readContent(job, job.content, deps);
    if (content === undefined) return { kind: 'missing', reason: 'content_not_kept' };
    return { kind: 'content', content, attachments: attachmentsOf(content, job.fetched) };
  } catch (error) {
    if (error instanceof UnreadableContentError) return unusable('content_unreadable', job, error, deps);
    if (!deps.isOutage(error)) throw error;
    if (!isTooOldToTry(job, deps.clock.nowEpochMs())) return { kind: 'later', error };
    return unusable('content_unavailable', job, error, deps);
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

/** Encoded, what the mail will hold at once; the whole budget where a size is not known. */
export function weightOf(loaded: LoadedContent): number {
  if (loaded.kind !== 'content') return 0;
  const { html = '', text = '' } = loaded.content;
  const sizes = loaded.attachments.map(({ sizeBytes = Number.POSITIVE_INFINITY }) =>
    encodedLength(sizeBytes),
  );
  return sizes.reduce((total, size) => total + size, html.length + text.length);
}

/** The bytes, one file after the other. Throws where a file may be there all the same. */
export async function loadAttachments(
  attachments: readonly Attachment[],
  { objects, isOutage, clock, log }: LoadContentDeps,
  message: Timed,
): Promise<LoadedAttachments> {
  const loaded: OutgoingAttachment[] = [];
  for (const { filename, contentType, contentId, objectKey } of attachments) {
    const bytes = await objects.get(objectKey).catch((error: unknown) => {
      if (!isOutage(error) || !isTooOldToTry(message, clock.nowEpochMs())) throw error;
      log.error('attachment_unavailable', { messageId: message.messageId, error });
      return undefined;
    });
    if (bytes === undefined) return { kind: 'missing', reason: 'attachment_unavailable' };
    loaded.push({ filename, contentType, ...(contentId === undefined ? {} : { contentId }), bytes });
  }
  return { kind: 'attachments', attachments: loaded };
}
