import { encodeContent } from '../../shared/contract/message-content.ts';
import type { FetchJob, SendJob } from '../../shared/contract/queue-body.ts';
import { CONTENT_PREFIXES } from '../../shared/contract/resources.ts';
import type { ApiKeyClaims } from '../../shared/domain/api-key.ts';
import { type ContentPlacement, placeContent } from '../../shared/domain/content-placement.ts';
import type { RequestedAttachment } from '../../shared/domain/mail-attachment.ts';
import type { Attachment, Message, MessageContent } from '../../shared/domain/message.ts';
import type { SendRequest } from '../../shared/domain/send-request.ts';
import type { AcceptDeps } from './accept-message.ts';

/** The stream of keys that name none. */
export const DEFAULT_STREAM = 'transactional';

/** Content that is there only until its mail is sent: longer than the longest retry. */
const TRANSIT_DAYS = 3;

/** Everything there is to write for one message, decided before the first write. */
export interface Draft {
  readonly message: Message;
  readonly content: MessageContent;
  readonly contentExpiresAtEpochSeconds: number;
  readonly placement: ContentPlacement;
  readonly uploads: readonly Upload[];
  readonly job: SendJob;
  /** Set where attachments must be fetched first; it then goes to their queue instead. */
  readonly fetchJob?: FetchJob;
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
  const nowEpochMs = deps.clock.nowEpochMs();
  const isKept = deps.settings.contentKeepDays > 0;
  const attachments = request.attachments.map((each) => toUpload(each, origin.messageId, deps.ids.next()));
  const content: MessageContent = {
    ...(await bodiesOf(request, deps.htmlToText)),
    headers: request.headers,
    attachments: attachments.map(({ attachment }) => attachment),
  };
  const message = buildMessage(request, origin, nowEpochMs, deps.settings);
  const inlineJob = sendJob(message, { kind: 'inline', content: toWire(content) });
  const jobBytes = Buffer.byteLength(JSON.stringify(inlineJob));
  const objectKey = `${CONTENT_PREFIXES.bodies}${origin.messageId}`;
  const encoded = encodeContent(content);
  const placement = placeContent({ storedBytes: encoded.length, jobBytes, isKept });
  const job =
    placement.carry === 'inline' ? inlineJob : sendJob(message, carried(placement.carry, objectKey));
  return {
    message,
    content,
    contentExpiresAtEpochSeconds: expiryAfterDays(
      nowEpochMs,
      Math.max(deps.settings.contentKeepDays, TRANSIT_DAYS),
    ),
    placement,
    uploads: [
      ...attachments.flatMap(({ upload }) => upload ?? []),
      ...(placement.store === 'object' ? [bodyUpload(objectKey, encoded)] : []),
    ],
    job,
    ...fetchJobOf(job, content.attachments),
  };
}

export const expiryAfterDays = (epochMs: number, days: number): number =>
  Math.floor(epochMs / 1000) + days * 86_400;

async function bodiesOf({ html, text, derivesText }: SendRequest, htmlToText: AcceptDeps['htmlToText']) {
  const derived = derivesText && html !== undefined ? await htmlToText(html) : '';
  const shown = text ?? (derived.trim() === '' ? undefined : derived);
  return { ...(html === undefined ? {} : { html }), ...(shown === undefined ? {} : { text: shown }) };
}

function buildMessage(
  request: SendRequest,
  { claims, messageId, batchId }: Origin,
  nowEpochMs: number,
  { contentKeepDays, messageKeepDays }: AcceptDeps['settings'],
): Message {
  const { from, to, cc, bcc, replyTo, subject, tags } = request;
  const keptUntil = { contentKeptUntilEpochSeconds: expiryAfterDays(nowEpochMs, contentKeepDays) };
  return {
    messageId,
    tenant: claims.tenant,
    stream: claims.stream ?? DEFAULT_STREAM,
    ...{ from, to, cc, bcc, replyTo, subject, tags },
    ...(batchId === undefined ? {} : { batchId }),
    ...(contentKeepDays > 0 ? keptUntil : {}),
    expiresAtEpochSeconds: expiryAfterDays(nowEpochMs, Math.max(messageKeepDays, contentKeepDays)),
    status: 'accepted',
    attempt: 0,
  };
}

function toUpload(
  requested: RequestedAttachment,
  messageId: string,
  attachmentId: string,
): { attachment: Attachment; upload?: Upload } {
  const { filename, contentType, contentId } = requested;
  const described = {
    attachmentId,
    filename,
    contentType,
    ...(contentId === undefined ? {} : { contentId }),
  };
  if (requested.source === 'url') {
    const objectKey = `${CONTENT_PREFIXES.fetched}${messageId}/${attachmentId}`;
    return { attachment: { ...described, objectKey, url: requested.url } };
  }
  const objectKey = `${CONTENT_PREFIXES.uploaded}${messageId}/${attachmentId}`;
  const { bytes } = requested;
  const upload = { objectKey, bytes, contentType };
  return { attachment: { ...described, objectKey, sizeBytes: bytes.length }, upload };
}

const bodyUpload = (objectKey: string, bytes: Uint8Array): Upload => ({
  objectKey,
  bytes,
  contentType: 'application/octet-stream',
});

function sendJob({ messageId, tenant, stream }: Message, content: SendJob['content']): SendJob {
  return { version: 1, messageId, tenant, stream, waits: 0, content };
}

const carried = (carry: 'table' | 'object', objectKey: string): SendJob['content'] =>
  carry === 'table' ? { kind: 'table' } : { kind: 'object', objectKey };

/** With those that came along too: their sizes count towards the same 40 MB. */
function fetchJobOf(job: SendJob, attachments: readonly Attachment[]): { fetchJob?: FetchJob } {
  const hasFiles = attachments.some(({ url }) => url !== undefined);
  return hasFiles ? { fetchJob: { version: 1, job, attachments: [...attachments] } } : {};
}

const toWire = (content: MessageContent) => ({
  ...content,
  headers: { ...content.headers },
  attachments: [...content.attachments],
});
