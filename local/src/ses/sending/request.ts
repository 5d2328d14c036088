import { z } from 'zod';
import { SesError } from '../error.ts';

const content = z.strictObject({ Data: z.string(), Charset: z.string().nullish() });
const addresses = z.array(z.string()).nullish();

const attachment = z.strictObject({
  FileName: z.string(),
  RawContent: z.string(),
  ContentType: z.string().nullish(),
  ContentId: z.string().nullish(),
  ContentDescription: z.string().nullish(),
  ContentDisposition: z.enum(['ATTACHMENT', 'INLINE']).nullish(),
  ContentTransferEncoding: z.enum(['BASE64', 'QUOTED_PRINTABLE', 'SEVEN_BIT']).nullish(),
});

const simple = z.strictObject({
  Subject: content,
  Body: z.strictObject({ Text: content.nullish(), Html: content.nullish() }),
  Headers: z.array(z.strictObject({ Name: z.string(), Value: z.string() })).nullish(),
  Attachments: z.array(attachment).nullish(),
});

const featureStatus = z
  .enum(['ENABLED', 'DISABLED'], 'Member must satisfy enum value set: [ENABLED, DISABLED]')
  .nullish();

const overrides = z.strictObject({
  Tracking: z
    .strictObject({ OpenTrackingEnabled: featureStatus, ClickTrackingEnabled: featureStatus })
    .nullish(),
});

/**
 * Parts of SESv2 SendEmail that the stand-in takes. A member it does not know is refused by name, never
 * ignored.
 */
const sendEmail = z.strictObject({
  FromEmailAddress: z.string(),
  Destination: z
    .strictObject({ ToAddresses: addresses, CcAddresses: addresses, BccAddresses: addresses })
    .nullish(),
  ReplyToAddresses: addresses,
  FeedbackForwardingEmailAddress: z.string().nullish(),
  Content: z.strictObject({ Simple: simple }),
  EmailTags: z.array(z.strictObject({ Name: z.string(), Value: z.string() })).nullish(),
  ConfigurationSetName: z.string().nullish(),
  ConfigurationOverrides: overrides.nullish(),
  TenantName: z.string().nullish(),
});

export type SendEmailRequest = z.infer<typeof sendEmail>;
export type SimpleContent = z.infer<typeof simple>;
export type SesAttachment = z.infer<typeof attachment>;
export type SesContent = z.infer<typeof content>;

/** Parses the JSON body; throws `BadRequestException` that names the member. */
export function parseSendEmail(body: Buffer): SendEmailRequest {
  const parsed = sendEmail.safeParse(parseJson(body));
  if (parsed.success) return parsed.data;

  const issue = parsed.error.issues[0];
  const member = issue?.path.join('.') ?? '';
  throw new SesError(
    'BadRequestException',
    `1 validation error detected: Value at '${member}' failed to satisfy constraint: ${issue?.message ?? ''}`,
  );
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw Object.assign(new SesError('BadRequestException', 'The request body is not JSON'), { cause });
  }
}
