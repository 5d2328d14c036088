import { textProblem } from './mail-text.ts';

/** An attachment as it was asked for: its bytes, or where they are to be fetched. */
export type RequestedAttachment = {
  readonly filename: string;
  readonly contentType: string;
  readonly contentId?: string;
} & (
  | { readonly source: 'bytes'; readonly bytes: Uint8Array }
  | { readonly source: 'url'; readonly url: string }
);

/** Limits of SES, `Attachment` of the v2 API; the total is of a mail after base64. */
export const ATTACHMENT_LIMITS = {
  filename: 255,
  contentType: 78,
  contentId: 78,
  totalEncodedBytes: 40 * 1024 * 1024,
} as const;

/**
 * Extensions that SES blocks: https://docs.aws.amazon.com/ses/latest/dg/mime-types.html, read November 2026
 */
const BLOCKED_EXTENSIONS = new Set(
  [
    'ade adp app asp bas bat cer chm cmd com cpl crt csh der exe fxp gadget hlp hta inf ins isp its js jse ksh',
    'lib lnk mad maf mag mam maq mar mas mat mau mav maw mda mdb mde mdt mdw mdz msc msh msh1 msh2 mshxml',
    'msh1xml msh2xml msi msp mst ops pcd pif plg prf prg reg scf scr sct shb shs sys ps1 ps1xml ps2 ps2xml psc1',
    'psc2 tmp url vb vbe vbs vps vsmacros vss vst vsw vxd ws wsc wsf wsh xnk',
  ].flatMap((line) => line.split(' ')),
);

/**
 * Content types by extension, where the customer names no type; anything else is `application/octet-stream`.
 */
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  avif: 'image/avif',
  bmp: 'image/bmp',
  csv: 'text/csv',
  doc: 'application/msword',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  epub: 'application/epub+zip',
  gif: 'image/gif',
  gz: 'application/gzip',
  htm: 'text/html',
  html: 'text/html',
  ics: 'text/calendar',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  json: 'application/json',
  md: 'text/markdown',
  mp3: 'audio/mpeg',
  mp4: 'video/mp4',
  odp: 'application/vnd.oasis.opendocument.presentation',
  ods: 'application/vnd.oasis.opendocument.spreadsheet',
  odt: 'application/vnd.oasis.opendocument.text',
  ogg: 'audio/ogg',
  pdf: 'application/pdf',
  pkpass: 'application/vnd.apple.pkpass',
  png: 'image/png',
  ppt: 'application/vnd.ms-powerpoint',
  pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  rtf: 'application/rtf',
  svg: 'image/svg+xml',
  tar: 'application/x-tar',
  tif: 'image/tiff',
  tiff: 'image/tiff',
  txt: 'text/plain',
  vcf: 'text/vcard',
  wav: 'audio/wav',
  webm: 'video/webm',
  webp: 'image/webp',
  xls: 'application/vnd.ms-excel',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  xml: 'application/xml',
  zip: 'application/zip',
};

/** Problem of a filename, as the end of "the attachment …". */
export function filenameProblem(filename: string): string | undefined {
  if (filename.length > ATTACHMENT_LIMITS.filename) {
    return `has a \`filename\` of more than ${ATTACHMENT_LIMITS.filename} characters`;
  }
  const problem = textProblem(filename, 'line');
  if (problem !== undefined) return `has a \`filename\` that ${problem}`;
  const extension = extensionOf(filename);
  return BLOCKED_EXTENSIONS.has(extension)
    ? `has a \`filename\` ending in .${extension}, which Amazon SES does not send`
    : undefined;
}

/** Problem of a content type by RFC 2045 section 5.1, parameters included. */
export function contentTypeProblem(contentType: string): string | undefined {
  if (contentType.length > ATTACHMENT_LIMITS.contentType) {
    return `has a \`content_type\` of more than ${ATTACHMENT_LIMITS.contentType} characters, the limit of Amazon SES`;
  }
  // What such a part holds is read as mail, and may not be base64 (RFC 2045 section 6.4), which files are sent as.
  if (/^(?:multipart|message)\//i.test(contentType))
    return 'has a `content_type` that is for mail inside a mail and not for a file';
  return /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:;[ -~]*)?$/.test(contentType)
    ? undefined
    : 'has a `content_type` that is not of the form `type/subtype`';
}

export function contentIdProblem(contentId: string): string | undefined {
  if (contentId.length > ATTACHMENT_LIMITS.contentId) {
    return `has a \`content_id\` of more than ${ATTACHMENT_LIMITS.contentId} characters, the limit of Amazon SES`;
  }
  return /^[!-;=?-~]+$/.test(contentId)
    ? undefined
    : 'has a `content_id` with other characters than printable ASCII without < and >';
}

export function contentTypeOf(filename: string): string {
  const extension = extensionOf(filename);
  return Object.hasOwn(CONTENT_TYPES, extension)
    ? (CONTENT_TYPES[extension] ?? '')
    : 'application/octet-stream';
}

/** Length in base64, without the line breaks that a mail adds. */
export const encodedLength = (bytes: number): number => Math.ceil(bytes / 3) * 4;

function extensionOf(filename: string): string {
  const name = filename.trim().toLowerCase();
  const dot = name.lastIndexOf('.');
  return dot < 0 ? '' : name.slice(dot + 1);
}
