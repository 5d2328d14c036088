import type { Attachment, FeatureStatus, SendEmailCommandInput } from '@aws-sdk/client-sesv2';
import { defined } from '../../base/defined.ts';
import type { MailTracking } from '../../mail/tracking.ts';
import type { OutgoingAttachment, OutgoingMail } from '../mailer.ts';
import { MESSAGE_TAGS } from '../message-tags.ts';

const Charset = 'UTF-8';

/** `Simple` content: SES builds the MIME, encodes what is not ASCII and refuses what it would not. */
export function toSendEmail(mail: OutgoingMail): SendEmailCommandInput {
  const { messageId, tenant, attempt } = mail.reference;
  return {
    FromEmailAddress: mail.from,
    Destination: {
      ...list('ToAddresses', mail.to),
      ...list('CcAddresses', mail.cc),
      ...list('BccAddresses', mail.bcc),
    },
    ...list('ReplyToAddresses', mail.replyTo),
    Content: { Simple: simpleContent(mail) },
    // Ours alone: tags of customers stay in our table.
    EmailTags: [
      { Name: MESSAGE_TAGS.messageId, Value: messageId },
      { Name: MESSAGE_TAGS.tenant, Value: tenant },
      { Name: MESSAGE_TAGS.attempt, Value: String(attempt) },
    ],
    ConfigurationSetName: mail.configurationSet,
    ConfigurationOverrides: { Tracking: trackingOverrides(mail.tracking) },
    ...defined({ TenantName: mail.tenantName }),
  };
}

/**
 * Overrides of every mail, also where tracking is off: what a request leaves open, the event destinations of
 * its configuration set and the engagement metrics of the account decide
 * (API_TrackingConfigurationOverrides).
 */
const trackingOverrides = ({ opens, clicks }: MailTracking) => ({
  OpenTrackingEnabled: statusOf(opens),
  ClickTrackingEnabled: statusOf(clicks),
});

const statusOf = (isOn: boolean): FeatureStatus => (isOn ? 'ENABLED' : 'DISABLED');

function simpleContent({ subject, html, text, headers, attachments }: OutgoingMail) {
  const Headers = Object.entries(headers).map(([Name, Value]) => ({ Name, Value }));
  return {
    Subject: { Data: subject, Charset },
    Body: {
      ...(html === undefined ? {} : { Html: { Data: html, Charset } }),
      ...(text === undefined ? {} : { Text: { Data: text, Charset } }),
    },
    ...list('Headers', Headers),
    ...list('Attachments', attachments.map(toAttachment)),
  };
}

function toAttachment({ filename, contentType, contentId, bytes }: OutgoingAttachment): Attachment {
  return {
    FileName: filename,
    ContentType: contentType,
    ContentDisposition: contentId === undefined ? 'ATTACHMENT' : 'INLINE',
    ...defined({ ContentId: contentId }),
    ContentTransferEncoding: 'BASE64',
    RawContent: bytes,
  };
}

/** SES tells an empty list from an absent one in places; only what is there is sent. */
function list<Name extends string, T>(name: Name, values: readonly T[]): { [Key in Name]?: T[] } {
  return values.length === 0 ? {} : ({ [name]: [...values] } as { [Key in Name]?: T[] });
}
