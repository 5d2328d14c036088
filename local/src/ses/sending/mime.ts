import type { MailComposerOptions } from 'nodemailer/lib/mail-composer';
import MailComposer from 'nodemailer/lib/mail-composer';
import type { DecodedAttachment } from './check-attachments.ts';
import type { Mailbox } from './mailbox.ts';
import type { SesContent, SimpleContent } from './request.ts';

interface MimeInput {
  readonly sesMessageId: string;
  readonly region: string;
  readonly date: Date;
  readonly from: Mailbox;
  readonly to: readonly Mailbox[];
  readonly cc: readonly Mailbox[];
  readonly replyTo: readonly Mailbox[];
  readonly simple: SimpleContent;
  readonly attachments: readonly DecodedAttachment[];
}

/** SES replaces these two when a request brings them (SES guide, header fields). */
const REPLACED_BY_SES = new Set(['date', 'message-id']);

const ENCODINGS = { BASE64: 'base64', QUOTED_PRINTABLE: 'quoted-printable', SEVEN_BIT: '7bit' } as const;

/** The mail that SES makes of Simple content, as bytes. Bcc stays out of it. */
export async function composeMime(input: MimeInput): Promise<Buffer> {
  const { simple, region, sesMessageId } = input;
  const composed = await new MailComposer({
    ...addressHeaders(input),
    ...bodies(simple),
    subject: decodeContent(simple.Subject),
    // "prepared": otherwise its length would put the id onto a line of its own.
    headers: [
      { key: 'Message-ID', value: { prepared: true, value: `<${sesMessageId}@${messageIdDomain(region)}>` } },
    ],
    date: input.date,
    attachments: input.attachments.map(toAttachment),
    disableFileAccess: true,
    disableUrlAccess: true,
    newline: 'win',
  })
    .compile()
    .build();

  const lines = [
    `Feedback-ID: ::1.${region}.${sesMessageId}:AmazonSES`,
    ...keptHeaders(simple).map(({ Name, Value }) => `${Name}: ${Value}`),
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n`, 'latin1'), composed]);
}

/** Custom headers go out unchanged: SES's limits keep each within one line. */
export const keptHeaders = (simple: SimpleContent) =>
  (simple.Headers ?? []).filter(({ Name }) => !REPLACED_BY_SES.has(Name.toLowerCase()));

/** Text as SES reads it: US-ASCII unless a charset is named, anything beyond it lost as `?` (API_Content). */
export const decodeContent = ({ Data, Charset }: SesContent): string =>
  Charset?.toLowerCase() === 'utf-8' ? Data : Data.replace(/[^\0-\x7f]/gu, '?');

const messageIdDomain = (region: string) =>
  region === 'us-east-1' ? 'email.amazonses.com' : `${region}.amazonses.com`;

const addressHeaders = ({ from, to, cc, replyTo }: MimeInput): MailComposerOptions => ({
  from: toAddress(from),
  to: to.map(toAddress),
  cc: cc.map(toAddress),
  replyTo: replyTo.map(toAddress),
});

const toAddress = ({ name, address }: Mailbox) => ({ name, address });

const bodies = ({ Body }: SimpleContent): MailComposerOptions => ({
  ...(Body.Text && { text: decodeContent(Body.Text) }),
  ...(Body.Html && { html: decodeContent(Body.Html) }),
});

function toAttachment(attachment: DecodedAttachment) {
  const { ContentType, ContentId, ContentDescription, ContentDisposition } = attachment;
  return {
    filename: attachment.FileName,
    content: attachment.bytes,
    contentDisposition: ContentDisposition === 'INLINE' ? 'inline' : 'attachment',
    contentTransferEncoding: ENCODINGS[attachment.ContentTransferEncoding ?? 'SEVEN_BIT'],
    ...(ContentType && { contentType: ContentType }),
    ...(ContentId && { cid: ContentId.replace(/^<|>$/g, '') }),
    ...(ContentDescription && { headers: { 'Content-Description': ContentDescription } }),
  };
}
