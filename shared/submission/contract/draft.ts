import type { ApiKeyClaims } from '../../access/api-key.ts';
import { defined } from '../../base/defined.ts';
import type { RequestedAttachment } from '../../mail/mail-attachment.ts';
import type { Attachment, MessageContent } from '../../mail/mail-content.ts';
import type { SendRequest } from '../../mail/send-request.ts';
import { bodyKeyOf, uploadKeyOf } from '../../messages/contract/content-keys.ts';
import { encodeContent } from '../../messages/contract/message-content.ts';
import type { SendJob } from '../../messages/contract/queue-body.ts';
import type { QueuedJob } from '../../messages/contract/queues.ts';
import { jobOf, workOf } from '../../messages/contract/send-work.ts';
import type { Message } from '../../messages/message.ts';
import { type Retention, retentionOf } from '../../messages/retention.ts';
import { dueAtEpochMsOf, type Timed } from '../../messages/retry-schedule.ts';
import { CONTENT_PREFIXES } from '../../resources.ts';
import { type ContentPlacement, placeContent } from '../content-placement.ts';

/** Everything there is to write for one message, decided before the first write. */
export interface Draft {
  readonly message: Message;
  readonly content: MessageContent;
  readonly contentExpiresAtEpochSeconds: number;
  readonly placement: ContentPlacement;
  readonly uploads: readonly Upload[];
  readonly work: QueuedJob;
}

interface Upload {
  readonly objectKey: string;
  readonly bytes: Uint8Array;
  readonly contentType: string;
}

/** Where a draft comes from and what it is called. */
export interface DraftOrigin {
  readonly claims: ApiKeyClaims;
  readonly messageId: string;
  readonly batchId: string | undefined;
}

interface DraftParts {
  /** Undefined where the mail has html alone. */
  readonly text: string | undefined;
  /** One for each attachment, in order. */
  readonly attachmentIds: readonly string[];
  /** Days that content is kept, by its stream. */
  readonly keepDays: number;
  readonly messageKeepDays: number;
}

/** A request as it will be stored and queued. */
export function draftOf(request: SendRequest, origin: DraftOrigin, parts: DraftParts): Draft {
  const timed = timedOf(request, origin);
  const attachments = request.attachments.map((each, index) =>
    placeAttachment(each, timed, parts.attachmentIds[index] ?? ''),
  );
  const content: MessageContent = {
    ...defined({ html: request.html, text: parts.text }),
    headers: request.headers,
    attachments: attachments.map(({ attachment }) => attachment),
  };
  const retention = retentionOf(dueAtEpochMsOf(timed), parts);
  const message = messageOf(request, origin, retention);
  const { placement, job, body } = placeBody(message, content, parts.keepDays > 0);
  return {
    message,
    content,
    contentExpiresAtEpochSeconds: retention.contentExpiresAtEpochSeconds,
    placement,
    uploads: [...attachments.flatMap(({ upload }) => upload ?? []), ...body],
    work: workOf(job, content.attachments),
  };
}

const timedOf = ({ scheduledAtEpochMs }: SendRequest, { messageId }: DraftOrigin): Timed => ({
  messageId,
  ...defined({ scheduledAtEpochMs }),
});

function messageOf(request: SendRequest, origin: DraftOrigin, retention: Retention): Message {
  const { claims, batchId } = origin;
  const { from, to, cc, bcc, replyTo, subject, tags, stream, tracking } = request;
  return {
    ...timedOf(request, origin),
    tenant: claims.tenant,
    stream,
    from,
    to,
    cc,
    bcc,
    replyTo,
    subject,
    tags,
    ...defined({ tracking, batchId }),
    ...retention.row,
    status: request.scheduledAtEpochMs === undefined ? 'accepted' : 'scheduled',
    attempt: 0,
  };
}

function placeAttachment(
  requested: RequestedAttachment,
  timed: Timed,
  attachmentId: string,
): { attachment: Attachment; upload?: Upload } {
  const { filename, contentType, contentId } = requested;
  const described = { attachmentId, filename, contentType, ...defined({ contentId }) };
  if (requested.source === 'url') {
    const objectKey = `${CONTENT_PREFIXES.fetched}${timed.messageId}/${attachmentId}`;
    return { attachment: { ...described, objectKey, url: requested.url } };
  }
  const objectKey = uploadKeyOf(timed, attachmentId);
  const { bytes } = requested;
  const upload = { objectKey, bytes, contentType };
  return { attachment: { ...described, objectKey, sizeBytes: bytes.length }, upload };
}

/** Where the content goes, how the job carries it, and the object it is where it is one. */
function placeBody(message: Message, content: MessageContent, isKept: boolean) {
  const inlineJob = jobOf(message, { kind: 'inline', content: toWire(content) });
  const encoded = encodeContent(content);
  const placement = placeContent({
    storedBytes: encoded.length,
    jobBytes: Buffer.byteLength(JSON.stringify(inlineJob)),
    isKept,
    waits: message.status === 'scheduled',
  });
  const objectKey = bodyKeyOf(message);
  const { carry, store } = placement;
  const job = carry === 'inline' ? inlineJob : jobOf(message, carriedBy(carry, objectKey));
  return { placement, job, body: store === 'object' ? [bodyUpload(objectKey, encoded)] : [] };
}

const bodyUpload = (objectKey: string, bytes: Uint8Array): Upload => ({
  objectKey,
  bytes,
  contentType: 'application/octet-stream',
});

const carriedBy = (carry: 'table' | 'object', objectKey: string): SendJob['content'] =>
  carry === 'table' ? { kind: 'table' } : { kind: 'object', objectKey };

const toWire = (content: MessageContent) => ({
  ...content,
  headers: { ...content.headers },
  attachments: [...content.attachments],
});
