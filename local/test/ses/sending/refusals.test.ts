import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  GetAccountCommand,
  GetEmailIdentityCommand,
  ListContactsCommand,
  type SendEmailCommandInput,
} from '@aws-sdk/client-sesv2';
import {
  anAssembly,
  aSendInput,
  aSimpleInput,
  type SesWorld,
  startSesWorld,
} from '../../../../test/support/aws/ses-world.ts';

const bytes = Buffer.from('%PDF');
const anAttachment = (overrides: object) =>
  aSimpleInput({
    Attachments: [
      { FileName: 'a.pdf', RawContent: bytes, ContentTransferEncoding: 'BASE64', ...overrides },
    ] as never,
  });
const aHeader = (Name: string, Value = 'x') => aSimpleInput({ Headers: [{ Name, Value }] });
const toAddress = (address: string) => aSendInput({ Destination: { ToAddresses: [address] } });
const manyRecipients = (count: number) =>
  aSendInput({ Destination: { ToAddresses: Array.from({ length: count }, (_, i) => `u${i}@example.net`) } });

const REFUSALS: readonly (readonly [string, SendEmailCommandInput, string, number, RegExp])[] = [
  [
    'an unverified sender',
    aSendInput({ FromEmailAddress: 'Eve <eve@evil.test>' }),
    'MessageRejected',
    400,
    /^Email address is not verified\. The following identities failed the check in region US-EAST-1: Eve <eve@evil\.test>$/,
  ],
  [
    'an unknown configuration set',
    aSendInput({ ConfigurationSetName: 'nope' }),
    'NotFoundException',
    404,
    /^Configuration set <nope> does not exist\.$/,
  ],
  [
    'a paused configuration set',
    aSendInput({ ConfigurationSetName: 'paused' }),
    'SendingPausedException',
    400,
    /paused/,
  ],
  ['an unknown tenant', aSendInput({ TenantName: 'nobody' }), 'NotFoundException', 404, /nobody/],
  ['51 recipients', manyRecipients(51), 'BadRequestException', 400, /exceeds 50/],
  ['no recipient', aSendInput({ Destination: {} }), 'BadRequestException', 400, /destination/],
  ['an address without @', toAddress('ada'), 'BadRequestException', 400, /^Missing final '@domain'$/],
  ['an address without domain', toAddress('ada@'), 'BadRequestException', 400, /^Missing domain$/],
  [
    'a non-ASCII local part',
    toAddress('zoë@example.net'),
    'BadRequestException',
    400,
    /^Local address contains control or whitespace$/,
  ],
  [
    'a non-ASCII domain',
    toAddress('ada@exämple.net'),
    'BadRequestException',
    400,
    /^Domain contains control or whitespace$/,
  ],
  [
    'two addresses in one',
    toAddress('a@b.net,c@d.net'),
    'BadRequestException',
    400,
    /Domain contains illegal character/,
  ],
  [
    'a line break in an address',
    toAddress('"a\r\nBcc: x" <a@b.net>'),
    'BadRequestException',
    400,
    /^Invalid email address/,
  ],
  [
    'a 321-character address',
    toAddress(`${'a'.repeat(311)}@mail.test`),
    'BadRequestException',
    400,
    /more than 320/,
  ],
  ['a bad reply-to', aSendInput({ ReplyToAddresses: ['x'] }), 'BadRequestException', 400, /Missing final/],
  [
    '16 headers',
    aSimpleInput({ Headers: Array.from({ length: 16 }, (_, i) => ({ Name: `X-${i}`, Value: 'x' })) }),
    'BadRequestException',
    400,
    /less than or equal to 15/,
  ],
  [
    'a header name of 127 characters',
    aHeader(`X${'a'.repeat(126)}`),
    'BadRequestException',
    400,
    /equal to 126/,
  ],
  ['a header name with a space', aHeader('X Y'), 'BadRequestException', 400, /pattern/],
  [
    'a header value of 996 characters',
    aHeader('X', 'a'.repeat(996)),
    'BadRequestException',
    400,
    /equal to 995/,
  ],
  ['a header over 996 characters', aHeader('X-A', 'a'.repeat(994)), 'BadRequestException', 400, /996/],
  ['a non-ASCII header value', aHeader('X-A', 'é'), 'BadRequestException', 400, /pattern/],
  ['a line break in a header value', aHeader('X-A', 'a\r\nBcc: b'), 'BadRequestException', 400, /pattern/],
  ['a header SES writes', aHeader('Subject'), 'BadRequestException', 400, /^Duplicate header 'Subject'\.$/],
  [
    'a single header twice',
    aSimpleInput({
      Headers: [
        { Name: 'List-Id', Value: 'a' },
        { Name: 'list-id', Value: 'b' },
      ],
    }),
    'BadRequestException',
    400,
    /Duplicate header 'list-id'/,
  ],
  ['an empty body', aSimpleInput({ Body: {} }), 'BadRequestException', 400, /Text or Html/],
  [
    'a line break in the subject',
    aSimpleInput({ Subject: { Data: 'a\r\nBcc: b' } }),
    'BadRequestException',
    400,
    /subject/,
  ],
  [
    'an unknown charset',
    aSimpleInput({ Subject: { Data: 'a', Charset: 'klingon' } }),
    'BadRequestException',
    400,
    /klingon/,
  ],
  [
    'a blocked file type',
    anAttachment({ FileName: 'run.EXE' }),
    'BadRequestException',
    400,
    /^Illegal filename 'run\.EXE'\.$/,
  ],
  [
    'a file name of 256 characters',
    anAttachment({ FileName: `${'a'.repeat(252)}.pdf` }),
    'BadRequestException',
    400,
    /equal to 255/,
  ],
  [
    'a content id of 79 characters',
    anAttachment({ ContentId: 'a'.repeat(79) }),
    'BadRequestException',
    400,
    /contentId/,
  ],
  [
    'a content type of 79 characters',
    anAttachment({ ContentType: 'a'.repeat(79) }),
    'BadRequestException',
    400,
    /contentType/,
  ],
  [
    '8-bit bytes sent as SEVEN_BIT',
    anAttachment({ RawContent: Buffer.from([255]), ContentTransferEncoding: undefined }),
    'BadRequestException',
    400,
    /7-bit/,
  ],
  [
    'a tag with a space',
    aSendInput({ EmailTags: [{ Name: 'a b', Value: 'c' }] }),
    'BadRequestException',
    400,
    /alphanumeric/,
  ],
  [
    'a tag value of 257 characters',
    aSendInput({ EmailTags: [{ Name: 'a', Value: 'c'.repeat(257) }] }),
    'BadRequestException',
    400,
    /256/,
  ],
  [
    'a tag named twice',
    aSendInput({
      EmailTags: [
        { Name: 'a', Value: 'b' },
        { Name: 'a', Value: 'c' },
      ],
    }),
    'BadRequestException',
    400,
    /Duplicate tag/,
  ],
  [
    '51 tags',
    aSendInput({ EmailTags: Array.from({ length: 51 }, (_, i) => ({ Name: `t${i}`, Value: 'x' })) }),
    'BadRequestException',
    400,
    /exceeds 50/,
  ],
  [
    'content that is not hosted',
    aSendInput({ Content: { Raw: { Data: bytes } } }),
    'BadRequestException',
    400,
    /Content/,
  ],
];

describe('SendEmail', () => {
  let world: SesWorld;
  before(async () => {
    world = await startSesWorld();
  });
  after(() => world.close());

  for (const [what, input, name, status, message] of REFUSALS) {
    test(`refuses ${what}, and publishes nothing`, async () => {
      const before = world.published.length;
      await assert.rejects(world.send(input), (error: Error & { $metadata: { httpStatusCode: number } }) => {
        assert.equal(error.name, name);
        assert.equal(error.$metadata.httpStatusCode, status);
        assert.match(error.message, message);
        return true;
      });
      assert.equal(world.published.length, before);
    });
  }

  test('takes a mail that is exactly at the limits', async () => {
    await world.send(manyRecipients(50));
    await world.send(aHeader(`X${'a'.repeat(125)}`, 'v'.repeat(870)));
    await world.send(aHeader('X', 'v'.repeat(995)));
    await world.send(aSendInput({ EmailTags: [{ Name: 'n'.repeat(256), Value: 'v'.repeat(256) }] }));
  });

  test('lets a subdomain of a verified domain send', async () => {
    assert.match(
      await world.send(aSendInput({ FromEmailAddress: 'news@list.example.com' })),
      /^0100[0-9a-f]{12}-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}-000000$/,
    );
  });

  test('refuses a mail over 40 MB once it is encoded', async () => {
    const input = anAttachment({ RawContent: Buffer.alloc(31 * 1024 * 1024) });
    await assert.rejects(world.send(input), /Message length is more than 41943040 bytes/);
  });

  test('SES names an operation that it does not have', async () => {
    await assert.rejects(world.client.send(new ListContactsCommand({ ContactListName: 'x' })), {
      name: 'UnknownOperationException',
    });
  });
});

describe('quotas', () => {
  test('the quota refuses over the rate per second and lets the next second send', async (t) => {
    const world = await startSesWorld({ sendRate: 2 });
    t.after(world.close);
    await world.send(manyRecipients(2));
    await assert.rejects(world.send(), {
      name: 'TooManyRequestsException',
      message: 'Maximum sending rate exceeded.',
    });
    world.clock.advance(1);
    await world.send();
  });

  test('the quota lets a mail to several through with room for one, and holds its debt against the next', async (t) => {
    const world = await startSesWorld({ sendRate: 2 });
    t.after(world.close);
    await world.send(manyRecipients(5));
    world.clock.advance(1);
    await assert.rejects(world.send(), { name: 'TooManyRequestsException' });
    world.clock.advance(1);
    await world.send();
  });

  test('refused mails are counted by their exception', async (t) => {
    const world = await startSesWorld({ sendRate: 1 });
    t.after(world.close);
    await world.send();
    await assert.rejects(world.send());
    await assert.rejects(world.send());
    await assert.rejects(world.send(aSendInput({ FromEmailAddress: 'eve@evil.test' })));
    assert.deepEqual(world.backend.refusals.counts(), { TooManyRequestsException: 2, MessageRejected: 1 });
  });

  test('the quota refuses over 24 hours per recipient and lets the next day send', async (t) => {
    const world = await startSesWorld({ dailyQuota: 3 });
    t.after(world.close);
    await world.send(manyRecipients(2));
    await world.send(manyRecipients(2));
    await assert.rejects(world.send(), {
      name: 'LimitExceededException',
      message: 'Daily message quota exceeded.',
    });
    const account = await world.client.send(new GetAccountCommand({}));
    assert.deepEqual(account.SendQuota, { Max24HourSend: 3, MaxSendRate: 100_000, SentLast24Hours: 4 });
    world.clock.advance(86_401);
    await world.send(manyRecipients(2));
  });
});

describe('GetEmailIdentity', () => {
  test('shows the template’s identity verified, and no other', async (t) => {
    const world = await startSesWorld();
    t.after(world.close);
    const identity = await world.client.send(new GetEmailIdentityCommand({ EmailIdentity: 'example.com' }));
    assert.equal(identity.VerifiedForSendingStatus, true);
    assert.equal(identity.MailFromAttributes?.MailFromDomain, 'mail.example.com');
    await assert.rejects(world.client.send(new GetEmailIdentityCommand({ EmailIdentity: 'other.test' })), {
      name: 'NotFoundException',
    });
  });

  test('no sender may send where the template has no identity', async (t) => {
    const world = await startSesWorld({ assembly: anAssembly([]) });
    t.after(world.close);
    await assert.rejects(world.send(), { name: 'MessageRejected' });
  });
});
