import { ContractError, invalidField, missingField } from '../../base/contract/errors.ts';
import type { VerifiedDomain } from '../../domains/ports.ts';
import { parseAddress } from '../../mail/address.ts';
import { headersProblem } from '../../mail/mail-headers.ts';
import { tagsProblem } from '../../mail/mail-tags.ts';
import { textProblem } from '../../mail/mail-text.ts';
import { MAX_RECIPIENTS, MAX_SUBJECT_LENGTH, type SendRequest } from '../../mail/send-request.ts';
import { hasUnsubscribe, type Streams } from '../../streams/stream.ts';
import type { StreamSettings } from '../../streams/stream-settings.ts';
import { countAdded } from '../../suppressions/unsubscribe-headers.ts';
import { readAttachments } from './send-attachments.ts';
import { type SendObject, sendObject } from './send-object.ts';
import { chooseStream, type StreamChoice } from './send-stream.ts';
import { readTracking } from './send-tracking.ts';

const ADDRESS_FORM =
  'The email address needs to follow the `email@example.com` or `Name <email@example.com>` format';

/**
 * Fields of the contract that are not in this version: ignoring them would send something else than was asked
 * for.
 */
const NOT_BUILT_YET = ['template', 'topic_id'] as const;

interface SendRules {
  /** Domains that may stand in `from`, lower-cased, in punycode. */
  readonly sendingDomains: readonly VerifiedDomain[];
  /** The contract has no attachments in a batch. */
  readonly allowsAttachments: boolean;
  readonly streams: Streams;
  /** Stream that the request and its key name; the mail itself may say otherwise. */
  readonly stream: Pick<StreamChoice, 'requestHeader' | 'keyDefault'>;
}

/**
 * Checks one send object, whole.
 * @returns the request, the domain it is sent from, and what it says of its time, which takes longer to read
 * @throws ContractError for the first rule that it breaks, in the contract's words and naming the field
 */
export function validateSendRequest(
  value: unknown,
  rules: SendRules,
): { request: SendRequest; domain: string; scheduledAt: unknown } {
  const object = readShape(value);
  refuseUnbuilt(object);
  const { from, domain } = readFrom(object.from, rules.sendingDomains);
  const recipients = readRecipients(object);
  const { stream, headers } = readStream(object, recipients, rules);
  const request: SendRequest = {
    from,
    ...recipients,
    subject: readSubject(object.subject),
    ...readBodies(object),
    headers: readHeaders(headers, stream),
    tags: readTags(object.tags),
    attachments: readAllowedAttachments(object, rules),
    stream: stream.name,
    ...readTracking(object.tracking, stream, domain),
  };
  return { request, domain: domain.name, scheduledAt: object.scheduled_at };
}

/**
 * The domain that a send object says it comes from, before it is checked; undefined where that cannot be
 * read.
 */
export function senderDomainOf(value: unknown): string | undefined {
  const from = typeof value === 'object' && value !== null && 'from' in value ? value.from : undefined;
  const parsed = typeof from === 'string' ? parseAddress(from) : undefined;
  return parsed?.kind === 'address' ? parsed.domain : undefined;
}

function readShape(value: unknown): SendObject {
  const result = sendObject.safeParse(value);
  if (result.success) return result.data;
  throw invalidField(result.error.issues[0]?.message ?? 'The mail is malformed.');
}

function refuseUnbuilt(object: SendObject): void {
  const field = NOT_BUILT_YET.find(
    (name) => object[name] !== undefined && object[name] !== null && object[name] !== '',
  );
  if (field !== undefined) throw invalidField(`The \`${field}\` field is not supported yet.`);
}

function readFrom(value: string | null | undefined, sendingDomains: readonly VerifiedDomain[]) {
  if (!value) throw missingField('from');
  const parsed = parseAddress(value);
  if (parsed.kind === 'refused') {
    const message = `Invalid \`from\` field. ${ADDRESS_FORM}: it ${parsed.reason}.`;
    throw new ContractError(422, 'invalid_from_address', message);
  }
  const domain = sendingDomains.find(({ name }) => name === parsed.domain);
  if (domain === undefined) {
    const message = `The ${parsed.domain} domain is not verified. Please, add and verify your domain.`;
    throw new ContractError(403, 'validation_error', message);
  }
  return { from: value, domain };
}

function readRecipients(object: SendObject) {
  const [to, cc, bcc] = [object.to ?? [], object.cc ?? [], object.bcc ?? []];
  const count = to.length + cc.length + bcc.length;
  if (to.length === 0) throw missingField('to');
  if (count > MAX_RECIPIENTS) {
    throw invalidField(
      `A mail may have ${MAX_RECIPIENTS} recipients over \`to\`, \`cc\` and \`bcc\` together; this one has ${count}.`,
    );
  }
  return {
    to: checkAddresses('to', to),
    cc: checkAddresses('cc', cc),
    bcc: checkAddresses('bcc', bcc),
    replyTo: checkAddresses('reply_to', object.reply_to ?? []),
  };
}

function checkAddresses(field: string, values: readonly string[]): readonly string[] {
  if (values.length > MAX_RECIPIENTS)
    throw invalidField(`The \`${field}\` field has more than ${MAX_RECIPIENTS} addresses.`);
  for (const value of values) {
    const parsed = parseAddress(value);
    if (parsed.kind === 'refused')
      throw invalidField(`Invalid \`${field}\` field. ${ADDRESS_FORM}: one ${parsed.reason}.`);
  }
  return values;
}

function readSubject(value: string | null | undefined): string {
  if (!value) throw missingField('subject');
  if (value.length > MAX_SUBJECT_LENGTH) {
    throw invalidField(`The \`subject\` field has more than ${MAX_SUBJECT_LENGTH} characters.`);
  }
  refuse('subject', textProblem(value, 'line'));
  return value;
}

/** Reads bodies. An empty html is absent; an empty text beside html says that none shall be derived. */
function readBodies({ html, text }: SendObject): Pick<SendRequest, 'html' | 'text' | 'derivesText'> {
  if (!html && !text)
    throw new ContractError(422, 'missing_required_field', 'Missing `html` or `text` field.');
  refuse('html', textProblem(html ?? '', 'body'));
  refuse('text', textProblem(text ?? '', 'body'));
  return {
    ...(html ? { html } : {}),
    ...(text ? { text } : {}),
    derivesText: text === undefined || text === null,
  };
}

/**
 * Reads the stream. One-click unsubscribe is one person's: its link must not reach any other recipient (RFC
 * 8058 section 3.1).
 */
function readStream(
  object: SendObject,
  { to, cc, bcc }: Pick<SendRequest, 'to' | 'cc' | 'bcc'>,
  rules: SendRules,
) {
  const chosen = chooseStream(
    { ...rules.stream, field: object.stream, headers: object.headers ?? {} },
    rules.streams,
  );
  const count = to.length + cc.length + bcc.length;
  if (chosen.stream.kind === 'broadcast' && count !== 1) {
    throw invalidField(
      `A mail on the broadcast stream \`${chosen.stream.name}\` has exactly one recipient; this one has ${count}.`,
    );
  }
  return chosen;
}

/** Reads headers. Ours are added when it is sent, and counted here: SES would refuse it then. */
function readHeaders(headers: SendRequest['headers'], stream: StreamSettings): SendRequest['headers'] {
  refuse('headers', headersProblem(headers, hasUnsubscribe(stream) ? countAdded(headers) : 0));
  return headers;
}

function readTags(tags: SendObject['tags']): SendRequest['tags'] {
  refuse('tags', tagsProblem(tags ?? []));
  return tags ?? [];
}

function readAllowedAttachments({ attachments }: SendObject, { allowsAttachments }: SendRules) {
  const values = attachments ?? [];
  if (values.length > 0 && !allowsAttachments) {
    throw invalidField('The `attachments` field is not supported in a batch.');
  }
  return readAttachments(values);
}

function refuse(field: string, problem: string | undefined): void {
  if (problem !== undefined) throw invalidField(`The \`${field}\` field ${problem}.`);
}
