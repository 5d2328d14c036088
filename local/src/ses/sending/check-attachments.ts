import { constraint, SesError } from '../error.ts';
import type { SesAttachment } from './request.ts';

/** Attachments as they go into the MIME tree. */
export interface DecodedAttachment extends SesAttachment {
  readonly bytes: Buffer;
}

const LIMITS = [
  ['FileName', 0, 255],
  ['ContentType', 1, 78],
  ['ContentId', 1, 78],
  ['ContentDescription', 0, 1000],
] as const;

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Extensions of file names that SES blocks. https://docs.aws.amazon.com/ses/latest/dg/mime-types.html */
const BLOCKED_EXTENSIONS = new Set(
  (
    'ade adp app asp bas bat cer chm cmd com cpl crt csh der exe fxp gadget hlp hta inf ins isp its js jse ksh lib ' +
    'lnk mad maf mag mam maq mar mas mat mau mav maw mda mdb mde mdt mdw mdz msc msh msh1 msh2 mshxml msh1xml ' +
    'msh2xml msi msp mst ops pcd pif plg prf prg reg scf scr sct shb shs sys ps1 ps1xml ps2 ps2xml psc1 psc2 tmp ' +
    'url vb vbe vbs vps vsmacros vss vst vsw vxd ws wsc wsf wsh xnk'
  ).split(' '),
);

/** Checks and decodes; throws as SES does for limits, line breaks, blocked types and bytes that do not fit 7 bit. */
export const decodeAttachments = (attachments: readonly SesAttachment[]): readonly DecodedAttachment[] =>
  attachments.map((attachment, index) => {
    const member = `content.simple.attachments.${index + 1}.member`;
    checkLimits(attachment, member);
    checkFileName(attachment.FileName);
    const bytes = decodeBase64(attachment.RawContent, member);
    checkSevenBit(attachment, bytes);
    return { ...attachment, bytes };
  });

function checkLimits(attachment: SesAttachment, member: string): void {
  for (const [name, min, max] of LIMITS) {
    const value = attachment[name];
    if (value === undefined || value === null) continue;
    const path = `${member}.${name.charAt(0).toLowerCase()}${name.slice(1)}`;
    if (value.length < min) throw constraint(path, `length greater than or equal to ${min}`);
    if (value.length > max) throw constraint(path, `length less than or equal to ${max}`);
    if (/[\r\n\0]/.test(value)) throw constraint(path, 'no control characters');
  }
}

function checkFileName(fileName: string): void {
  const extension = /\.([^.]+)$/.exec(fileName.trim())?.[1]?.toLowerCase();
  if (extension !== undefined && BLOCKED_EXTENSIONS.has(extension))
    throw new SesError('BadRequestException', `Illegal filename '${fileName}'.`);
}

/** Files up to 40 MB are in one string; a regular expression over all of it would be slow, so the ends decide. */
function decodeBase64(text: string, member: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  const expected = Math.floor((text.length / 4) * 3) - (text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0);
  if (text.length % 4 !== 0 || bytes.length !== expected || !BASE64.test(text.slice(-4)))
    throw constraint(`${member}.rawContent`, 'base64 content');
  return bytes;
}

/** SEVEN_BIT is SES's default, and what does not fit it would arrive damaged. */
function checkSevenBit(attachment: SesAttachment, bytes: Buffer): void {
  if ((attachment.ContentTransferEncoding ?? 'SEVEN_BIT') !== 'SEVEN_BIT') return;
  if (bytes.some((byte) => byte === 0 || byte > 0x7f))
    throw new SesError(
      'BadRequestException',
      `Attachment '${attachment.FileName}' is not 7-bit; set ContentTransferEncoding.`,
    );
}
