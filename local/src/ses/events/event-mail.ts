import type { SesIdentity } from '../identities/identity.ts';
import type { EventMail } from '../sending/accepted-mail.ts';
import type { Mailbox } from '../sending/mailbox.ts';
import { decodeContent, keptHeaders } from '../sending/mime.ts';
import type { SendEmailRequest } from '../sending/request.ts';
import { toTimestamp } from './mail-events.ts';

interface EventMailInput {
  readonly request: SendEmailRequest;
  readonly sesMessageId: string;
  readonly acceptedAt: number;
  readonly accountId: string;
  readonly identity: SesIdentity;
  readonly configurationSetName: string | undefined;
  readonly callerIdentity: string;
  readonly from: Mailbox;
  readonly recipients: readonly string[];
}

/** SES cuts the headers of an event at 10 KB. */
const MAX_HEADER_BYTES = 10_240;

/** The `mail` object that every event of a mail carries. */
export function toEventMail(input: EventMailInput): EventMail {
  const all = listHeaders(input.request);
  const kept = cutHeaders(all);
  return {
    timestamp: toTimestamp(input.acceptedAt),
    source: input.request.FromEmailAddress,
    sourceArn: input.identity.arn,
    sendingAccountId: input.accountId,
    messageId: input.sesMessageId,
    destination: input.recipients,
    headersTruncated: kept.length < all.length,
    headers: kept,
    commonHeaders: commonHeaders(input),
    tags: tags(input),
  };
}

type Header = { readonly name: string; readonly value: string };

function listHeaders(request: SendEmailRequest): readonly Header[] {
  const { Simple } = request.Content;
  const lists = [
    ['From', [request.FromEmailAddress]],
    ['Reply-To', request.ReplyToAddresses],
    ['To', request.Destination?.ToAddresses],
    ['Cc', request.Destination?.CcAddresses],
    ['Subject', [decodeContent(Simple.Subject)]],
    ['MIME-Version', ['1.0']],
    ['Content-Type', [contentType(request)]],
  ] as const;
  return [
    ...lists.flatMap(([name, values]) => (values?.length ? [{ name, value: values.join(', ') }] : [])),
    ...keptHeaders(Simple).map(({ Name, Value }) => ({ name: Name, value: Value })),
  ];
}

function contentType({ Content }: SendEmailRequest): string {
  const { Body, Attachments } = Content.Simple;
  if (Attachments?.length) return 'multipart/mixed';
  if (Body.Text && Body.Html) return 'multipart/alternative';
  return Body.Html ? 'text/html; charset=UTF-8' : 'text/plain; charset=UTF-8';
}

function cutHeaders(headers: readonly Header[]): readonly Header[] {
  let bytes = 0;
  return headers.filter(({ name, value }) => {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value);
    return bytes <= MAX_HEADER_BYTES;
  });
}

function commonHeaders({ request, sesMessageId, acceptedAt }: EventMailInput): EventMail['commonHeaders'] {
  const { ToAddresses, CcAddresses } = request.Destination ?? {};
  return {
    from: [request.FromEmailAddress],
    ...(request.ReplyToAddresses?.length && { replyTo: request.ReplyToAddresses }),
    date: new Date(acceptedAt).toUTCString().replace('GMT', '+0000'),
    ...(ToAddresses?.length && { to: ToAddresses }),
    ...(CcAddresses?.length && { cc: CcAddresses }),
    messageId: sesMessageId,
    subject: decodeContent(request.Content.Simple.Subject),
  };
}

const tags = (input: EventMailInput): EventMail['tags'] => ({
  'ses:source-tls-version': ['TLSv1.3'],
  'ses:operation': ['SendEmail'],
  ...(input.configurationSetName && { 'ses:configuration-set': [input.configurationSetName] }),
  'ses:source-ip': ['127.0.0.1'],
  'ses:from-domain': [input.from.domain],
  'ses:caller-identity': [input.callerIdentity],
  ...(input.request.TenantName && { 'ses:tenant-name': [input.request.TenantName] }),
  ...Object.fromEntries((input.request.EmailTags ?? []).map(({ Name, Value }) => [Name, [Value]])),
});
