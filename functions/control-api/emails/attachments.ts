import { notFound } from '../../../shared/base/contract/errors.ts';
import { listObject, pageOf, readPage } from '../../../shared/base/contract/page.ts';
import { readUuid } from '../../../shared/base/contract/uuid.ts';
import {
  attachmentItem,
  attachmentObject,
  type StoredAttachment,
} from '../../../shared/mail/contract/attachment-object.ts';
import type { Attachment } from '../../../shared/mail/mail-content.ts';
import type { Message } from '../../../shared/messages/message.ts';
import { type Answer, type ApiRoute, type Call, ok, param } from '../call.ts';
import type { EmailDeps } from './email-deps.ts';
import { isContentKept, readContent } from './read-content.ts';
import { requireTimeline } from './require-email.ts';

const LINK_SECONDS = 3_600;
const DEFAULT_LIMIT = 20;

export function attachmentRoutes(deps: EmailDeps): readonly ApiRoute[] {
  return [
    { method: 'GET', pattern: '/emails/{id}/attachments', handler: listAttachments(deps) },
    { method: 'GET', pattern: '/emails/{id}/attachments/{attachmentId}', handler: showAttachment(deps) },
  ];
}

function listAttachments(deps: EmailDeps): Answer {
  return async (call) => {
    const page = { limit: DEFAULT_LIMIT, ...readPage(call.query) };
    const { message, attachments } = await load(deps, call);
    const stored = attachments.filter((attachment) => isStored(message, attachment));
    const { items, hasMore } = pageOf(stored, ({ attachmentId }) => attachmentId, page);
    const found = await Promise.all(items.map((attachment) => find(deps, attachment)));
    return ok(
      listObject(
        found.flatMap((each) => (each === undefined ? [] : [attachmentItem(each)])),
        hasMore,
      ),
    );
  };
}

function showAttachment(deps: EmailDeps): Answer {
  return async (call) => {
    const attachmentId = readUuid(param(call, 'attachmentId'), 'attachmentId');
    const { message, attachments } = await load(deps, call);
    if (!isContentKept(message, deps.clock)) {
      throw notFound('Attachment not found: the content of this email is not kept, or not any more.');
    }
    const attachment = attachments.find((each) => each.attachmentId === attachmentId);
    if (attachment === undefined) throw notFound('Attachment not found');
    const found = isStored(message, attachment) ? await find(deps, attachment) : undefined;
    if (found === undefined) throw notFound('Attachment not found: it has not been fetched from its URL.');
    return ok(attachmentObject(found));
  };
}

async function load(deps: EmailDeps, call: Call) {
  const id = readUuid(param(call, 'id'), 'id');
  const { message } = await requireTimeline(deps, call.claims.tenant, id);
  return { message, attachments: (await readContent(message, deps))?.attachments ?? [] };
}

/**
 * What is fetched from a URL is there before the first attempt to send; until then S3 is not asked, since it answers an
 * absent object with 403 to a caller that may not list the bucket.
 */
function isStored({ attempt, status }: Message, { url }: Attachment): boolean {
  return url === undefined || (attempt > 0 && status !== 'failed');
}

async function find(
  { objects, clock }: EmailDeps,
  attachment: Attachment,
): Promise<StoredAttachment | undefined> {
  const { objectKey, filename } = attachment;
  const sizeBytes = attachment.sizeBytes ?? (await objects.sizeOf(objectKey));
  if (sizeBytes === undefined) return undefined;
  const downloadUrl = await objects.signedUrl(objectKey, LINK_SECONDS, filename);
  return { attachment, sizeBytes, downloadUrl, expiresAtEpochMs: clock.nowEpochMs() + LINK_SECONDS * 1000 };
}
