import { defined } from '../base/defined.ts';
import { OPERATOR_TENANT } from '../base/tenant-name.ts';
import { deliveryAddressOf, formatAddress, normaliseAddress, parseAddress } from '../mail/address.ts';
import type { Attachment, MessageContent } from '../mail/mail-content.ts';
import type { MailTracking } from '../mail/tracking.ts';
import type { Message } from '../messages/message.ts';
import { withUnsubscribe } from '../suppressions/unsubscribe-headers.ts';
import type { OutgoingAttachment, OutgoingMail } from './mailer.ts';

/** Makes what SES is asked to send for a claimed message: to those of its recipients that are not suppressed. */
export function outgoingMail(
  message: Message,
  content: MessageContent,
  {
    attachments,
    suppressed,
    configurationSet,
    tracking,
    unsubscribeUrl,
  }: {
    readonly attachments: readonly OutgoingAttachment[];
    readonly suppressed: ReadonlySet<string>;
    readonly configurationSet: string;
    readonly tracking: MailTracking;
    /** URL of this message; undefined where its stream adds none. */
    readonly unsubscribeUrl?: string | undefined;
  },
): OutgoingMail {
  const { messageId, tenant, attempt, subject } = message;
  const left = (addresses: readonly string[]) =>
    addresses.map(deliveryAddressOf).filter((address) => !suppressed.has(normaliseAddress(address)));
  return {
    from: headerAddress(message.from),
    to: left(message.to),
    cc: left(message.cc),
    bcc: left(message.bcc),
    replyTo: message.replyTo.map(headerAddress),
    subject,
    ...defined({ html: content.html, text: content.text }),
    headers:
      unsubscribeUrl === undefined ? content.headers : withUnsubscribe(content.headers, unsubscribeUrl),
    attachments,
    configurationSet,
    tracking,
    ...(tenant === OPERATOR_TENANT ? {} : { tenantName: tenant }),
    reference: { messageId, tenant, attempt },
  };
}

/** Files that were fetched since stand in for the references in the content. */
export function attachmentsOf(
  content: MessageContent,
  fetched: readonly Attachment[] = [],
): readonly Attachment[] {
  const byId = new Map(fetched.map((attachment) => [attachment.attachmentId, attachment]));
  return content.attachments.map((attachment) => byId.get(attachment.attachmentId) ?? attachment);
}

/** Address as it may stand in a header; not a recipient, so that test recipients stay what they are. */
function headerAddress(text: string): string {
  const parsed = parseAddress(text);
  return parsed.kind === 'address' ? formatAddress(parsed) : text;
}
