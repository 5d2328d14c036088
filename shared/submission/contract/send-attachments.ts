import { ContractError } from '../../base/contract/errors.ts';
import { defined } from '../../base/defined.ts';
import { attachmentUrlProblem } from '../../guarded-http/public-address.ts';
import {
  ATTACHMENT_LIMITS,
  contentIdProblem,
  contentTypeOf,
  contentTypeProblem,
  encodedLength,
  filenameProblem,
  type RequestedAttachment,
} from '../../mail/mail-attachment.ts';
import type { AttachmentObject } from './send-object.ts';

const DEFAULT_FILENAME = 'attachment';

/**
 * Attachments from the wire: content as base64, as `{type: 'Buffer', data: […]}` or as an array of byte values, or a path.
 * @throws ContractError 422 `invalid_attachment`, naming the rule
 */
export function readAttachments(values: readonly AttachmentObject[]): readonly RequestedAttachment[] {
  const attachments = values.map(readAttachment);
  const total = attachments.reduce(
    (sum, each) => sum + (each.source === 'bytes' ? encodedLength(each.bytes.length) : 0),
    0,
  );
  if (total > ATTACHMENT_LIMITS.totalEncodedBytes) throw invalid('s are larger than 40 MB after base64.');
  return attachments;
}

function readAttachment(value: AttachmentObject): RequestedAttachment {
  const source = readSource(value);
  const filename = value.filename || filenameFrom(value.path);
  const contentType = value.content_type || value.contentType || contentTypeOf(filename);
  const contentId = value.content_id || value.inline_content_id || undefined;
  const problem =
    filenameProblem(filename) ??
    contentTypeProblem(contentType) ??
    (contentId === undefined ? undefined : contentIdProblem(contentId));
  if (problem !== undefined) throw invalid(` ${problem}.`);
  return { filename, contentType, ...defined({ contentId }), ...source };
}

function readSource({ content, path }: AttachmentObject) {
  const hasContent = content !== undefined && content !== null && content !== '';
  if (hasContent && path) throw invalid(' has both `content` and `path`.');
  if (hasContent) return { source: 'bytes', bytes: readBytes(content) } as const;
  if (!path) throw invalid(' needs `content` or `path`.');
  const problem = attachmentUrlProblem(path);
  if (problem !== undefined) throw invalid(` has a \`path\` that cannot be fetched: the URL ${problem}.`);
  return { source: 'url', url: path } as const;
}

function readBytes(content: unknown): Uint8Array {
  const bytes = typeof content === 'string' ? fromBase64(content) : fromByteValues(byteValuesOf(content));
  if (bytes === undefined) {
    throw invalid(' has `content` that is neither base64 nor an array of byte values.');
  }
  if (bytes.length === 0) throw invalid(' is empty.');
  return bytes;
}

/**
 * Decodes base64. Node reads any text as base64 and drops what it does not know; only what encodes to the
 * same text was base64.
 */
function fromBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}

function byteValuesOf(content: unknown): unknown {
  if (Array.isArray(content) || typeof content !== 'object' || content === null) return content;
  return 'type' in content && content.type === 'Buffer' && 'data' in content ? content.data : undefined;
}

function fromByteValues(values: unknown): Uint8Array | undefined {
  if (!Array.isArray(values)) return undefined;
  const bytes = new Uint8Array(values.length);
  for (let index = 0; index < values.length; index++) {
    const value: unknown = values[index];
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 255) return undefined;
    bytes[index] = value;
  }
  return bytes;
}

/** The last part of a URL's path, as browsers name a download. */
function filenameFrom(url: string | null | undefined): string {
  const last = (URL.parse(url ?? '')?.pathname ?? '').split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(last) || DEFAULT_FILENAME;
  } catch {
    return last;
  }
}

function invalid(rest: string): ContractError {
  return new ContractError(422, 'invalid_attachment', `The attachment${rest}`);
}
