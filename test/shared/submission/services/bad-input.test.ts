import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ERROR_NAMES } from '../../../../shared/base/contract/errors.ts';
import {
  type AcceptWorldOptions,
  anAcceptWorld,
  aSendObject,
} from '../../../support/submission/accept-world.ts';

const FORM = 'The email address needs to follow the `email@example.com` or `Name <email@example.com>` format';
const readers = (count: number) => Array.from({ length: count }, (_, n) => `reader-${n}@example.org`);
const b64 = (text: string) => Buffer.from(text).toString('base64');
const attached = (attachment: unknown) => aSendObject({ attachments: [attachment] });
const file = (overrides: Record<string, unknown> = {}) =>
  attached({ filename: 'a.pdf', content: b64('x'), ...overrides });

type Row = readonly [what: string, body: unknown, status: number, name: string, message: string];

const SINGLE: readonly Row[] = [
  ['no JSON', '{"from":', 400, 'validation_error', 'The request body is not valid JSON.'],
  ['an empty body', '', 400, 'validation_error', 'The request body is not valid JSON.'],
  ['an array', [aSendObject()], 422, 'validation_error', 'A mail must be an object.'],
  ['a number', 1, 422, 'validation_error', 'A mail must be an object.'],
  ['null', 'null', 422, 'validation_error', 'A mail must be an object.'],
  [
    'a hundred thousand nested arrays',
    '['.repeat(1e5) + ']'.repeat(1e5),
    422,
    'validation_error',
    'A mail must be an object.',
  ],
  [
    'prototype keys',
    '{"__proto__":{"from":"a@example.com"},"constructor":{"prototype":{}}}',
    422,
    'missing_required_field',
    'Missing `from` field.',
  ],

  ['no from', aSendObject({ from: undefined }), 422, 'missing_required_field', 'Missing `from` field.'],
  ['an empty from', aSendObject({ from: '' }), 422, 'missing_required_field', 'Missing `from` field.'],
  [
    'a from that is a number',
    aSendObject({ from: 1 }),
    422,
    'validation_error',
    'The `from` field must be a string.',
  ],
  [
    'a from that is no address',
    aSendObject({ from: 'Acme' }),
    422,
    'invalid_from_address',
    `Invalid \`from\` field. ${FORM}: it is not of the form \`local@domain\`.`,
  ],
  [
    'a from with CR LF',
    aSendObject({ from: 'a@example.com\r\nBcc: x@y.z' }),
    422,
    'invalid_from_address',
    `Invalid \`from\` field. ${FORM}: it contains a control character.`,
  ],
  [
    'a from with NUL',
    aSendObject({ from: 'a\0@example.com' }),
    422,
    'invalid_from_address',
    `Invalid \`from\` field. ${FORM}: it contains a control character.`,
  ],
  [
    'a domain that is not ours',
    aSendObject({ from: 'a@example.net' }),
    403,
    'validation_error',
    'The example.net domain is not verified. Please, add and verify your domain.',
  ],
  [
    'a subdomain of ours',
    aSendObject({ from: 'a@mail.example.com' }),
    403,
    'validation_error',
    'The mail.example.com domain is not verified. Please, add and verify your domain.',
  ],

  ['no to', aSendObject({ to: undefined }), 422, 'missing_required_field', 'Missing `to` field.'],
  ['an empty to', aSendObject({ to: [] }), 422, 'missing_required_field', 'Missing `to` field.'],
  ['an empty string as to', aSendObject({ to: '' }), 422, 'missing_required_field', 'Missing `to` field.'],
  [
    'a to that is an object',
    aSendObject({ to: { email: 'a@b.cd' } }),
    422,
    'validation_error',
    'The `to` field must be a string or an array of strings.',
  ],
  [
    'a to with a number',
    aSendObject({ to: [1] }),
    422,
    'validation_error',
    'The `to` field must be a string or an array of strings.',
  ],
  [
    '51 recipients over three fields',
    aSendObject({ to: readers(49), cc: ['c@example.org'], bcc: ['b@example.org'] }),
    422,
    'validation_error',
    'A mail may have 50 recipients over `to`, `cc` and `bcc` together; this one has 51.',
  ],
  [
    'a to with CR LF',
    aSendObject({ to: 'a@example.org\r\nX: y' }),
    422,
    'validation_error',
    `Invalid \`to\` field. ${FORM}: one contains a control character.`,
  ],
  [
    'a cc with NUL',
    aSendObject({ cc: 'a\0@example.org' }),
    422,
    'validation_error',
    `Invalid \`cc\` field. ${FORM}: one contains a control character.`,
  ],
  [
    'a bcc that is no address',
    aSendObject({ bcc: ['a@example.org', 'x'] }),
    422,
    'validation_error',
    `Invalid \`bcc\` field. ${FORM}: one is not of the form \`local@domain\`.`,
  ],
  [
    'a reply_to with LF',
    aSendObject({ reply_to: 'a@example.org\n' }),
    422,
    'validation_error',
    `Invalid \`reply_to\` field. ${FORM}: one contains a control character.`,
  ],
  [
    '51 addresses to reply to',
    aSendObject({ reply_to: readers(51) }),
    422,
    'validation_error',
    'The `reply_to` field has more than 50 addresses.',
  ],
  [
    'a local part that is not ASCII',
    aSendObject({ to: 'jürgen@example.org' }),
    422,
    'validation_error',
    `Invalid \`to\` field. ${FORM}: one has a local part that is not ASCII, which SES cannot deliver to.`,
  ],

  [
    'no subject',
    aSendObject({ subject: undefined }),
    422,
    'missing_required_field',
    'Missing `subject` field.',
  ],
  [
    'an empty subject',
    aSendObject({ subject: '' }),
    422,
    'missing_required_field',
    'Missing `subject` field.',
  ],
  [
    'a subject with CR LF',
    aSendObject({ subject: 'a\r\nBcc: x@y.z' }),
    422,
    'validation_error',
    'The `subject` field contains a line break.',
  ],
  [
    'a subject with NUL',
    aSendObject({ subject: 'a\0b' }),
    422,
    'validation_error',
    'The `subject` field contains a NUL character.',
  ],
  [
    'a subject of 999 characters',
    aSendObject({ subject: 's'.repeat(999) }),
    422,
    'validation_error',
    'The `subject` field has more than 998 characters.',
  ],
  [
    'half a character',
    aSendObject({ subject: '\ud83d' }),
    422,
    'validation_error',
    'The `subject` field is not valid Unicode.',
  ],

  [
    'neither html nor text',
    aSendObject({ html: undefined }),
    422,
    'missing_required_field',
    'Missing `html` or `text` field.',
  ],
  [
    'both empty',
    aSendObject({ html: '', text: '' }),
    422,
    'missing_required_field',
    'Missing `html` or `text` field.',
  ],
  [
    'html with NUL',
    aSendObject({ html: '<p>\0</p>' }),
    422,
    'validation_error',
    'The `html` field contains a NUL character.',
  ],
  [
    'text with NUL',
    aSendObject({ text: '\0' }),
    422,
    'validation_error',
    'The `text` field contains a NUL character.',
  ],
  [
    'html that is an object',
    aSendObject({ html: {} }),
    422,
    'validation_error',
    'The `html` field must be a string.',
  ],

  [
    'headers that are an array',
    aSendObject({ headers: ['X: y'] }),
    422,
    'validation_error',
    'The `headers` field must be an object.',
  ],
  [
    'a header that is a number',
    aSendObject({ headers: { 'X-A': 1 } }),
    422,
    'validation_error',
    'The `headers` field must have strings as values.',
  ],
  [
    'a header with CR LF',
    aSendObject({ headers: { 'X-A': 'a\r\nBcc: x@y.z' } }),
    422,
    'validation_error',
    'The `headers` field has a line break in `X-A`.',
  ],
  [
    'a header with NUL',
    aSendObject({ headers: { 'X-A': '\0' } }),
    422,
    'validation_error',
    'The `headers` field has a character in `X-A` that is not printable ASCII.',
  ],
  [
    'a header name with LF',
    aSendObject({ headers: { 'X-A\nBcc': 'x' } }),
    422,
    'validation_error',
    'The `headers` field has a header name that is empty or not printable ASCII without a colon.',
  ],
  [
    'a header that we set',
    aSendObject({ headers: { 'message-id': '<a@b>' } }),
    422,
    'validation_error',
    'The `headers` field may not set `message-id`.',
  ],
  [
    '16 headers',
    aSendObject({ headers: Object.fromEntries(readers(16).map((name) => [`X-${name}`, '1'])) }),
    422,
    'validation_error',
    'The `headers` field has more than 15 headers, the limit of Amazon SES.',
  ],
  [
    'a header of 996 characters',
    aSendObject({ headers: { 'X-A': 'v'.repeat(994) } }),
    422,
    'validation_error',
    'The `headers` field is too long in `X-A`: Amazon SES takes 996 characters of name and value.',
  ],

  [
    'tags that are a map',
    aSendObject({ tags: { a: 'b' } }),
    422,
    'validation_error',
    'The `tags` field must be an array.',
  ],
  [
    'a tag without a value',
    aSendObject({ tags: [{ name: 'a' }] }),
    422,
    'validation_error',
    'The `tags` field must have a string `value` in every tag.',
  ],
  [
    'a tag name of 257 characters',
    aSendObject({ tags: [{ name: 'n'.repeat(257), value: 'v' }] }),
    422,
    'validation_error',
    'The `tags` field has a tag name of more than 256 characters.',
  ],
  [
    'a tag value of 257 characters',
    aSendObject({ tags: [{ name: 'n', value: 'v'.repeat(257) }] }),
    422,
    'validation_error',
    'The `tags` field has a tag value of more than 256 characters.',
  ],
  [
    'a tag with CR LF',
    aSendObject({ tags: [{ name: 'n', value: 'a\r\n' }] }),
    422,
    'validation_error',
    'The `tags` field has a tag value that is empty or has other characters than ASCII letters, digits, _ and -.',
  ],
  [
    '76 tags',
    aSendObject({ tags: readers(76).map((_, n) => ({ name: `t${n}`, value: 'v' })) }),
    422,
    'validation_error',
    'The `tags` field has more than 75 tags.',
  ],

  [
    'attachments that are an object',
    aSendObject({ attachments: {} }),
    422,
    'validation_error',
    'The `attachments` field must be an array.',
  ],
  [
    'an attachment without content and path',
    attached({ filename: 'a.pdf' }),
    422,
    'invalid_attachment',
    'The attachment needs `content` or `path`.',
  ],
  [
    'an attachment with both',
    file({ path: 'https://files.example.org/a' }),
    422,
    'invalid_attachment',
    'The attachment has both `content` and `path`.',
  ],
  [
    'content that is no base64',
    file({ content: 'no base64!' }),
    422,
    'invalid_attachment',
    'The attachment has `content` that is neither base64 nor an array of byte values.',
  ],
  [
    'base64 with a line break',
    file({ content: 'eHh4\r\n' }),
    422,
    'invalid_attachment',
    'The attachment has `content` that is neither base64 nor an array of byte values.',
  ],
  [
    'a byte of 256',
    file({ content: [1, 256] }),
    422,
    'invalid_attachment',
    'The attachment has `content` that is neither base64 nor an array of byte values.',
  ],
  [
    'a buffer without bytes',
    file({ content: { type: 'Buffer' } }),
    422,
    'invalid_attachment',
    'The attachment has `content` that is neither base64 nor an array of byte values.',
  ],
  ['an empty attachment', file({ content: [] }), 422, 'invalid_attachment', 'The attachment is empty.'],
  [
    'a file name with CR LF',
    file({ filename: 'a\r\nb.pdf' }),
    422,
    'invalid_attachment',
    'The attachment has a `filename` that contains a line break.',
  ],
  [
    'a file name with NUL',
    file({ filename: 'a\0.pdf' }),
    422,
    'invalid_attachment',
    'The attachment has a `filename` that contains a NUL character.',
  ],
  [
    'a file name of 256 characters',
    file({ filename: 'n'.repeat(256) }),
    422,
    'invalid_attachment',
    'The attachment has a `filename` of more than 255 characters.',
  ],
  [
    'an executable',
    file({ filename: 'run.exe' }),
    422,
    'invalid_attachment',
    'The attachment has a `filename` ending in .exe, which Amazon SES does not send.',
  ],
  [
    'a content id of 79 characters',
    file({ content_id: 'c'.repeat(79) }),
    422,
    'invalid_attachment',
    'The attachment has a `content_id` of more than 78 characters, the limit of Amazon SES.',
  ],
  [
    'a content id with CR LF',
    file({ inline_content_id: 'a\r\nb' }),
    422,
    'invalid_attachment',
    'The attachment has a `content_id` with other characters than printable ASCII without < and >.',
  ],
  [
    'a content type with CR LF',
    file({ content_type: 'a/b\r\nX: y' }),
    422,
    'invalid_attachment',
    'The attachment has a `content_type` that is not of the form `type/subtype`.',
  ],
  [
    'a path by http',
    attached({ path: 'http://files.example.org/a' }),
    422,
    'invalid_attachment',
    'The attachment has a `path` that cannot be fetched: the URL does not use https.',
  ],
  [
    'a path with credentials',
    attached({ path: 'https://u:p@files.example.org/a' }),
    422,
    'invalid_attachment',
    'The attachment has a `path` that cannot be fetched: the URL contains credentials.',
  ],
  [
    'a path to the metadata service',
    attached({ path: 'https://169.254.169.254/latest' }),
    422,
    'invalid_attachment',
    'The attachment has a `path` that cannot be fetched: the URL names an address that is link-local (RFC 3927).',
  ],
  [
    '40 MB and a byte',
    file({ content: Buffer.alloc(30 * 1024 * 1024 + 1).toString('base64') }),
    422,
    'invalid_attachment',
    'The attachments are larger than 40 MB after base64.',
  ],

  [
    'a schedule that is no time',
    aSendObject({ scheduled_at: 'when it suits you' }),
    422,
    'validation_error',
    'The `scheduled_at` field must be a time, in ISO 8601 (`2026-08-05T11:52:01.858Z`) or in English (`in 1 hour`, `tomorrow at 9am`, `Friday at 3pm ET`).',
  ],
  [
    'a template',
    aSendObject({ template: { id: 'x' } }),
    422,
    'validation_error',
    'The `template` field is not supported yet.',
  ],
  [
    'a topic',
    aSendObject({ topic_id: 'x' }),
    422,
    'validation_error',
    'The `topic_id` field is not supported yet.',
  ],
];

const BATCH: readonly Row[] = [
  ['an object', aSendObject(), 422, 'validation_error', 'A batch must be an array of mails.'],
  ['no mails', [], 422, 'validation_error', 'A batch must have 1 to 100 mails; this one has 0.'],
  [
    '101 mails',
    Array(101).fill(aSendObject()),
    422,
    'validation_error',
    'A batch must have 1 to 100 mails; this one has 101.',
  ],
  [
    'an attachment',
    [attached({ filename: 'a.pdf', content: b64('x') })],
    422,
    'validation_error',
    'The `attachments` field is not supported in a batch.',
  ],
  ['a bad mail after a good one', [aSendObject(), 1], 422, 'validation_error', 'A mail must be an object.'],
  ['no JSON', '[', 400, 'validation_error', 'The request body is not valid JSON.'],
];

async function refusal(
  route: 'post' | 'postBatch',
  body: unknown,
  options: { headers?: Record<string, string>; world?: AcceptWorldOptions } = {},
) {
  const world = anAcceptWorld(options.world);
  const answer = await world[route](body, { 'idempotency-key': 'k', ...options.headers });
  assert.ok(world.isEmpty(), 'something was stored');
  assert.deepEqual(world.calls, [], 'something was called');
  assert.deepEqual(Object.keys(answer.body), ['statusCode', 'name', 'message']);
  assert.equal(answer.body.statusCode, answer.status);
  assert.ok(ERROR_NAMES.includes(answer.body.name));
  return [answer.status, answer.body.name, answer.body.message];
}

describe('POST /emails refuses, storing and queueing nothing,', () => {
  for (const [what, body, ...expected] of SINGLE) {
    test(`POST /emails refuses ${what}, and stores and queues nothing`, async () =>
      assert.deepEqual(await refusal('post', body), expected));
  }

  test('refuses a sender that the key is not bound to', async () => {
    const world = { claims: { permission: 'sending_access', domain: 'news.example.com' } } as const;
    assert.deepEqual(await refusal('post', aSendObject(), { world }), [
      403,
      'validation_error',
      'This API key may only send from news.example.com.',
    ]);
  });
});

describe('POST /emails/batch refuses, storing and queueing nothing,', () => {
  for (const [what, body, ...expected] of BATCH) {
    test(`POST /emails/batch refuses ${what}, and stores and queues nothing`, async () =>
      assert.deepEqual(await refusal('postBatch', body), expected));
  }

  test('refuses another way to validate a batch than strict and permissive', async () => {
    const headers = { 'x-batch-validation': 'lenient' };
    assert.deepEqual(await refusal('postBatch', [aSendObject()], { headers }), [
      422,
      'validation_error',
      'The `x-batch-validation` header must be `strict` or `permissive`.',
    ]);
  });
});
