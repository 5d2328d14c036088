import { constraint, SesError } from '../error.ts';
import type { SendEmailRequest, SesContent, SimpleContent } from './request.ts';

// MessageHeader and Message in the SESv2 model. Name and value together stay within one line of 998 octets (RFC 5322).
const MAX_HEADERS = 15;
const MAX_HEADER_NAME = 126;
const MAX_HEADER_VALUE = 995;
const MAX_HEADER_LENGTH = 996;
const HEADER_NAME = /^[!-9;-@A-~]+$/;
const HEADER_VALUE = /^[ -~]*$/;
const CHARSETS = new Set(['utf-8', 'us-ascii']);
const TAG_PART = /^[A-Za-z0-9_-]+$/;
const MAX_TAG_PART = 256;
const MAX_TAGS = 50;

/**
 * Headers that SES writes from other members of the request, and single per mail (SES guide, header fields).
 */
const WRITTEN_BY_SES = [
  'from',
  'to',
  'cc',
  'reply-to',
  'subject',
  'mime-version',
  'content-type',
  'content-transfer-encoding',
];

const SINGLE_HEADERS = new Set([
  ...WRITTEN_BY_SES,
  ...['accept-language', 'auto-submitted', 'date', 'in-reply-to', 'list-archive', 'list-help', 'list-id'],
  ...['list-owner', 'list-post', 'list-subscribe', 'list-unsubscribe', 'list-unsubscribe-post'],
  ...['message-id', 'precedence', 'priority', 'references', 'return-path', 'sender', 'user-agent'],
]);

/** Throws as SES does for subject, body and headers it would not send. */
export function checkContent(simple: SimpleContent): void {
  checkText(simple.Subject, 'subject');
  if (/[\r\n\0]/.test(simple.Subject.Data))
    throw new SesError('BadRequestException', 'Control characters are not allowed in the subject.');

  const { Text, Html } = simple.Body;
  if (!Text && !Html) throw new SesError('BadRequestException', 'Body must have Text or Html.');
  if (Text) checkText(Text, 'body.text');
  if (Html) checkText(Html, 'body.html');
  checkHeaders(simple.Headers ?? []);
}

function checkText(text: SesContent, member: string): void {
  if (text.Charset && !CHARSETS.has(text.Charset.toLowerCase()))
    throw new SesError('BadRequestException', `Unsupported charset '${text.Charset}' at '${member}'.`);
}

function checkHeaders(headers: readonly { Name: string; Value: string }[]): void {
  if (headers.length > MAX_HEADERS)
    throw constraint('content.simple.headers', `length less than or equal to ${MAX_HEADERS}`);

  const seen = new Set(WRITTEN_BY_SES);
  for (const [index, { Name, Value }] of headers.entries()) {
    checkHeader(Name, Value, `content.simple.headers.${index + 1}.member`);
    const key = Name.toLowerCase();
    if (seen.has(key)) throw new SesError('BadRequestException', `Duplicate header '${Name}'.`);
    if (SINGLE_HEADERS.has(key)) seen.add(key);
  }
}

function checkHeader(name: string, value: string, member: string): void {
  if (name.length > MAX_HEADER_NAME)
    throw constraint(`${member}.name`, `length less than or equal to ${MAX_HEADER_NAME}`);
  if (!HEADER_NAME.test(name))
    throw constraint(`${member}.name`, 'satisfy regular expression pattern: ^[!-9;-@A-~]+$');
  if (value.length > MAX_HEADER_VALUE)
    throw constraint(`${member}.value`, `length less than or equal to ${MAX_HEADER_VALUE}`);
  if (!HEADER_VALUE.test(value))
    throw constraint(`${member}.value`, 'satisfy regular expression pattern: [ -~]*');
  if (name.length + value.length > MAX_HEADER_LENGTH)
    throw constraint(member, `name and value of at most ${MAX_HEADER_LENGTH} characters together`);
}

/** Throws as SES does for message tags outside its alphabet, too long, too many or named twice. */
export function checkTags(tags: NonNullable<SendEmailRequest['EmailTags']>): void {
  if (tags.length > MAX_TAGS)
    throw new SesError('BadRequestException', `Number of tags exceeds ${MAX_TAGS}.`);

  const names = new Set<string>();
  for (const { Name, Value } of tags) {
    checkTagPart('name', Name);
    checkTagPart('value', Value);
    if (names.has(Name)) throw new SesError('BadRequestException', `Duplicate tag name <${Name}>.`);
    names.add(Name);
  }
}

function checkTagPart(part: 'name' | 'value', text: string): void {
  if (text === '') throw new SesError('BadRequestException', `The tag ${part} must be specified.`);
  if (text.length > MAX_TAG_PART)
    throw new SesError('BadRequestException', `Tag ${part} cannot exceed ${MAX_TAG_PART} characters.`);
  if (!TAG_PART.test(text))
    throw new SesError(
      'BadRequestException',
      `Invalid tag ${part} <${text}>: only alphanumeric ASCII characters, '_', and '-' are allowed.`,
    );
}
