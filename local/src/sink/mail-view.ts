import type { Address, Attachment, Email } from 'postal-mime';
import PostalMime from 'postal-mime';
import { listLinks } from '../ses/tracking/anchors.ts';
import { OPEN_PATH } from '../ses/tracking/paths.ts';
import type { StoredMail } from './mail-store.ts';

/** One row of the page's list. */
export interface MailSummary {
  readonly id: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly receivedAt: string;
  readonly configurationSet: string;
  readonly pool: string;
  readonly tenant: string;
  readonly bytes: number;
}

/** An opened mail as the page shows it. */
export interface MailView extends MailSummary {
  readonly mailFrom: string;
  /** Markup with inline images as data URLs; one that would count as an open is left out. */
  readonly html: string | undefined;
  readonly text: string | undefined;
  /** Links to web pages, in order, as they stand in the html. */
  readonly links: readonly string[];
  /** Image that a reader's mail program would load and this page does not; undefined where opens are not tracked. */
  readonly pixel: string | undefined;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly attachments: readonly { readonly name: string; readonly type: string; readonly bytes: number }[];
  /** Reason that the mail could not be read, where it could not. */
  readonly problem: string | undefined;
}

const MAX_HEADER_BYTES = 256 * 1024;
const MAX_INLINE_IMAGE_BYTES = 4 * 1024 * 1024;

/** Reads the header section alone: a list must not pay for attachments. */
export async function toSummary(mail: StoredMail): Promise<MailSummary> {
  const end = mail.bytes.indexOf('\r\n\r\n');
  const head = mail.bytes.subarray(0, Math.min(end < 0 ? MAX_HEADER_BYTES : end + 4, MAX_HEADER_BYTES));
  return summarise(mail, await parse(head));
}

/** Reads the whole mail. */
export async function toView(mail: StoredMail): Promise<MailView> {
  const email = await parse(mail.bytes);
  return {
    ...summarise(mail, email),
    mailFrom: mail.envelope.from,
    html: email?.html === undefined ? undefined : showable(email.html, email.attachments),
    text: email?.text,
    links: await listLinks(email?.html ?? ''),
    pixel: PIXEL.exec(email?.html ?? '')?.[1],
    headers: (email?.headers ?? []).map(({ originalKey, value }) => ({ name: originalKey, value })),
    attachments: (email?.attachments ?? []).map((attachment) => ({
      name: attachment.filename ?? 'unnamed',
      type: attachment.mimeType,
      bytes: contentOf(attachment).length,
    })),
    problem: email ? undefined : 'This mail is not valid MIME; its source is below.',
  };
}

/** One attachment of a mail by its place in the list. */
export async function findAttachment(
  mail: StoredMail,
  index: number,
): Promise<{ readonly name: string; readonly type: string; readonly content: Buffer } | undefined> {
  const attachment = (await parse(mail.bytes))?.attachments[index];
  return (
    attachment && {
      name: attachment.filename ?? 'unnamed',
      type: attachment.mimeType,
      content: contentOf(attachment),
    }
  );
}

/** Parses a mail; undefined where a limit of the parser refuses it, because a client can put anything into SMTP. */
async function parse(bytes: Buffer): Promise<Email | undefined> {
  try {
    return await PostalMime.parse(bytes);
  } catch {
    return undefined;
  }
}

const summarise = (mail: StoredMail, email: Email | undefined): MailSummary => ({
  id: mail.id,
  from: email?.from ? formatAddress(email.from) : mail.envelope.from,
  to: mail.envelope.to,
  subject: email?.subject ?? '',
  receivedAt: mail.receivedAt,
  configurationSet: mail.configurationSet,
  pool: mail.pool,
  tenant: mail.tenant,
  bytes: mail.bytes.length,
});

function formatAddress(address: Address): string {
  if (address.address === undefined) return address.name;
  return address.name ? `${address.name} <${address.address}>` : address.address;
}

/** Image that tells of an open, as the stand-in of SES puts it in. */
const PIXEL = new RegExp(`<img [^>]*src="(http://[^"]*${OPEN_PATH}/[^"]*)"[^>]*>`);

const showable = (html: string, attachments: readonly Attachment[]): string =>
  inlineImages(html.replace(new RegExp(PIXEL, 'g'), ''), attachments);

function inlineImages(html: string, attachments: readonly Attachment[]): string {
  const images = new Map(
    attachments
      .filter(({ contentId, mimeType }) => contentId && mimeType.startsWith('image/'))
      .map((image) => [image.contentId?.replace(/^<|>$/g, '') ?? '', image]),
  );
  return html.replace(/\bcid:([^"'\s>)]+)/gi, (whole, id: string) => {
    const image = images.get(id) ?? images.get(safeDecode(id));
    if (!image) return whole;
    const content = contentOf(image);
    if (content.length > MAX_INLINE_IMAGE_BYTES) return whole;
    return `data:${image.mimeType};base64,${content.toString('base64')}`;
  });
}

function contentOf({ content }: Attachment): Buffer {
  if (typeof content === 'string') return Buffer.from(content);
  return content instanceof Uint8Array ? Buffer.from(content) : Buffer.from(new Uint8Array(content));
}

/** `decodeURIComponent` that leaves broken escapes alone. */
export function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
