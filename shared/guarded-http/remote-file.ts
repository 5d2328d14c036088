import { ATTACHMENT_LIMITS } from '../mail/mail-attachment.ts';
import type { Attachment } from '../mail/mail-content.ts';

/** Time for all attachments of a message together, name resolution and redirects included. */
export const FETCH_TIMEOUT_MS = 25_000;

export const MAX_REDIRECTS = 3;

/** Outcome of asking for a file. `permanent`: asking again would end the same. */
export type FetchOutcome =
  | { readonly kind: 'fetched'; readonly body: Uint8Array; readonly contentType: string | undefined }
  | { readonly kind: 'failed'; readonly permanent: boolean; readonly reason: string };

export interface RemoteFiles {
  /** Never throws for what the other side does; stops reading at the first byte above `maxBytes`. */
  fetch(
    url: string,
    limits: { readonly maxBytes: number; readonly signal: AbortSignal },
  ): Promise<FetchOutcome>;
}

type StatusJudgement =
  | { readonly kind: 'body' }
  | { readonly kind: 'redirect' }
  | { readonly kind: 'failed'; readonly permanent: boolean };

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const COME_BACK_LATER = new Set([408, 425, 429]);

/**
 * Judges a status by RFC 9110 section 15. Only 200 is the file: 206 would be a part of it, 203 a version
 * changed by a proxy.
 */
export function judgeStatus(status: number): StatusJudgement {
  if (status === 200) return { kind: 'body' };
  if (REDIRECTS.has(status)) return { kind: 'redirect' };
  return { kind: 'failed', permanent: status < 500 && !COME_BACK_LATER.has(status) };
}

/** The largest file that still fits beside what the message already carries. */
export function roomBeside(encodedBytes: number): number {
  return Math.floor(Math.max(0, ATTACHMENT_LIMITS.totalEncodedBytes - encodedBytes) / 4) * 3;
}

const UNKNOWN_TYPE = 'application/octet-stream';
/** Media type as SES takes it: `ContentType` of an attachment has at most 78 characters. */
const MEDIA_TYPE = /^[\w!#$&^.+-]{1,38}\/[\w!#$&^.+-]{1,38}$/;

/**
 * Content type of a fetched file. The customer's word comes first; the server's only where the filename said
 * nothing, and without its parameters.
 */
export function fetchedContentType(
  attachment: Pick<Attachment, 'contentType'>,
  header: string | undefined,
): string {
  if (attachment.contentType !== UNKNOWN_TYPE) return attachment.contentType;
  const mediaType = header?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return MEDIA_TYPE.test(mediaType) ? mediaType : UNKNOWN_TYPE;
}
