import type { ApiKeyClaims } from '../../access/api-key.ts';
import { defined } from '../../base/defined.ts';
import type { RequestedAttachment } from '../../mail/mail-attachment.ts';
import type { Attachment, MessageContent } from '../../mail/mail-content.ts';
import type { SendRequest } from '../../mail/send-request.ts';
import { bodyKeyOf, uploadKeyOf } from '../../messages/contract/content-keys.ts';
import { encodeContent } from '../../messages/contract/message-content.ts';
import type { SendJob } from '../../messages/contract/queue-body.ts';
import type { QueuedJob } from '../../messages/contract/queues.ts';
import type { Message } from '../../messages/message.ts';
import { type Retention, retentionOf } from '../../messages/retention.ts';
import { dueAtEpochMsOf, type Timed } from '../../messages/retry-schedule.ts';
import { jobOf, workOf } from '../../messages/services/find-job.ts';
import { CONTENT_PREFIXES } from '../../resources.ts';
import { type ContentPlacement, placeContent } from '../content-placement.ts';
import type { AcceptDeps } from './accept-deps.ts';

/** Everything there is to write for one message, decided before the first write. */
export interface Draft {
  readonly message: Message;
  readonly content: MessageContent;
  readonly contentExpiresAtEpochSeconds: number;
  readonly placement: ContentPlacement;
  readonly uploads: readonly Upload[];
  readonly work: QueuedJob;
}

export interface Upload {
  readonly objectKey: string;
  readonly bytes: Uint8Array;
  readonly contentType: string;
}

interface Origin {
  readonly claims: ApiKeyClaims;
  readonly messageId: string;
  readonly batchId: string | undefined;
}

export async function buildDraft(
  request: SendRequest,
  origin: Origin,
  deps: Pick<AcceptDeps, 'settings' | 'clock' | 'ids' | 'htmlToText'>,
): Promise<Draft> {
  const { keepDays } = deps.settings.streams.byName(request.stream);
  const timed = timedOf(request, origin);
  const attachments = request.attachments.map((each) => toUpload(each, timed, deps.ids.next()));
  const content: MessageContent = {
    ...(await bodiesOf(request, deps.htmlToText)),
    headers: request.headers,
    attachments: attachments.map(({ attachment }) => attachment),
  };
  const { messageKeepDays } = deps.settings;
  const retention = retentionOf(dueAtEpochMsOf(timed), { keepDays, messageKeepDays });
  const message = buildMessage(request, origin, retention);
  const inlineJob = jobOf(message, { kind: 'inline', content: toWire(content) });
  const jobBytes = Buffer.byteLength(JSON.stringify(inlineJob));
  const objectKey = bodyKeyOf(timed);
  const encoded = encodeContent(content);
  const waits = message.status === 'scheduled';
  const placement = placeContent({ storedBytes: encoded.length, jobBytes, isKept: keepDays > 0, waits });
  const job = placement.carry === 'inline' ? inlineJob : jobOf(message, carried(placement.carry, objectKey));
  return {
    message,
    content,
    contentExpiresAtEpochSeconds: retention.contentExpiresAtEpochSeconds,
    placement,
    uploads: [
      ...attachments.flatMap(({ upload }) => upload ?? []),
      ...(placement.store === 'object' ? [bodyUpload(objectKey, encoded)] : []),
    ],
    work: workOf(job, content.attachments),
  };
}

const timedOf = ({ scheduledAtEpochMs }: SendRequest, { messageId }: Origin): Timed => ({
  messageId,
  ...defined({ scheduledAtEpochMs }),
});

async function bodiesOf({ html, text, derivesText }: SendRequest, htmlToText: AcceptDeps['htmlToText']) {
  const derived = derivesText && html !== undefined ? await htmlToText(html) : '';
  const shown = text ?? (derived.trim() === '' ? undefined : derived);
  return { ...defined({ html, text: shown }) };
}

function buildMessage(request: SendRequest, origin: Origin, retention: Retention): Message {
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

function toUpload(
  requested: RequestedAttachment,
  timed: Timed,
  attachmentId: string,
): { attachment: Attachment; upload?: Upload } {
  const { filename, contentType, contentId } = requested;
  const described = {
    attachmentId,
    filename,
    contentType,
    ...defined({ contentId }),
  };
  if (requested.source === 'url') {
    const objectKey = `${CONTENT_PREFIXES.fetched}${timed.messageId}/${attachmentId}`;
    return { attachment: { ...described, objectKey, url: requested.url } };
  }
  const objectKey = uploadKeyOf(timed, attachmentId);
  const { bytes } = requested;
  const upload = { objectKey, bytes, contentType };
  return { attachment: { ...described, objectKey, sizeBytes: bytes.length }, upload };
}

const bodyUpload = (objectKey: string, bytes: Uint8Array): Upload => ({
  objectKey,
  bytes,
  contentType: 'application/octet-stream',
});

const carried = (carry: 'table' | 'object', objectKey: string): SendJob['content'] =>
  carry === 'table' ? { kind: 'table' } : { kind: 'object', objectKey };

const toWire = (content: MessageContent) => ({
  ...content,
  headers: { ...content.headers },
  attachments: [...content.attachments],
});
