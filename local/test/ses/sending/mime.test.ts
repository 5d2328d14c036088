import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { SendEmailCommandInput } from '@aws-sdk/client-sesv2';
import fc from 'fast-check';
import PostalMime from 'postal-mime';
import { aSendInput, aSimpleInput, startSesWorld, until } from '../../../../test/support/aws/ses-world.ts';
import { parseMailbox } from '../../../src/ses/sending/mailbox.ts';
import { composeMime } from '../../../src/ses/sending/mime.ts';

async function receive(t: TestContext, input: SendEmailCommandInput) {
  const world = await startSesWorld();
  t.after(world.close);
  const sesMessageId = await world.send(input);
  await until(() => world.sink.mails().length === 1);
  const [entry] = world.sink.mails();
  assert.ok(entry);
  return { sesMessageId, entry, raw: entry.raw, mail: await PostalMime.parse(entry.raw) };
}

const compose = async (subject: string, text: string) =>
  PostalMime.parse(
    await composeMime({
      sesMessageId: 'id',
      region: 'us-east-1',
      date: new Date(0),
      from: parseMailbox('a@example.com'),
      to: [parseMailbox('b@example.net')],
      cc: [],
      replyTo: [],
      simple: {
        Subject: { Data: subject, Charset: 'UTF-8' },
        Body: { Text: { Data: text, Charset: 'UTF-8' } },
      },
      attachments: [],
    }),
  );

describe('the mail SES makes', () => {
  test('a mail carries every address header but Bcc, and SES’s own Message-ID', async (t) => {
    const { mail, raw, sesMessageId, entry } = await receive(
      t,
      aSendInput({
        FromEmailAddress: '"Żółw, Inc." <hello@example.com>',
        Destination: {
          ToAddresses: ['Ada <ada@example.net>', 'bob@example.net'],
          CcAddresses: ['cy@example.net'],
          BccAddresses: ['dee@example.net'],
        },
        ReplyToAddresses: ['=?utf-8?Q?Zo=C3=AB?= <reply@example.com>'],
      }),
    );
    assert.deepEqual(mail.from, { name: 'Żółw, Inc.', address: 'hello@example.com' });
    assert.deepEqual(
      mail.to?.map(({ address }) => address),
      ['ada@example.net', 'bob@example.net'],
    );
    assert.deepEqual(mail.cc, [{ name: '', address: 'cy@example.net' }]);
    assert.deepEqual(mail.replyTo, [{ name: 'Zoë', address: 'reply@example.com' }]);
    assert.equal(mail.messageId, `<${sesMessageId}@email.amazonses.com>`);
    assert.equal(raw.includes('dee@example.net'), false);
    assert.ok(entry.envelope.to.includes('dee@example.net'));
    assert.ok(raw.includes(`\r\nMessage-ID: <${sesMessageId}@email.amazonses.com>\r\n`));
    assert.match(raw, /^MIME-Version: 1\.0\r$/m);
    assert.match(raw, /^Feedback-ID: .+:AmazonSES\r$/m);
  });

  test('a mail reaches the sink with its configuration set and pool, which are not in it', async (t) => {
    const { entry, raw, sesMessageId } = await receive(t, aSendInput());
    assert.equal(entry.configurationSet, 'transactional');
    assert.equal(entry.pool, 'ses-shared-pool');
    assert.equal(entry.envelope.from, `${sesMessageId}@mail.example.com`);
    assert.equal(/transactional|ses-shared-pool/.test(raw), false);
  });

  test('a mail holds text and html as alternatives', async (t) => {
    const { mail, raw } = await receive(t, aSendInput());
    assert.equal(mail.text?.trim(), 'It works.');
    assert.equal(mail.html?.trim(), '<p>It works.</p>');
    assert.match(raw, /^Content-Type: multipart\/alternative/m);
  });

  test('a mail keeps custom headers to the letter', async (t) => {
    const value = `<https://example.com/u?${'x'.repeat(800)}>`;
    const { raw } = await receive(
      t,
      aSimpleInput({
        Headers: [
          { Name: 'List-Unsubscribe', Value: value },
          { Name: 'X-mixed-CASE', Value: 'a  b' },
          { Name: 'In-Reply-To', Value: 'no brackets' },
          { Name: 'Message-ID', Value: '<mine@example.com>' },
        ],
      }),
    );
    assert.ok(raw.includes(`List-Unsubscribe: ${value}\r\n`));
    assert.ok(raw.includes('X-mixed-CASE: a  b\r\n'));
    assert.ok(raw.includes('In-Reply-To: no brackets\r\n'));
    assert.equal(raw.includes('mine@example.com'), false);
  });

  test('a mail holds attachments and inline images byte for byte', async (t) => {
    const bytes = Buffer.from(Array.from({ length: 3000 }, (_, i) => i % 256));
    const { mail } = await receive(
      t,
      aSimpleInput({
        Body: { Html: { Data: '<img src="cid:logo">', Charset: 'UTF-8' } },
        Attachments: [
          { FileName: 'żółw.bin', RawContent: bytes, ContentTransferEncoding: 'BASE64', ContentType: 'x/y' },
          {
            FileName: 'logo.png',
            RawContent: bytes,
            ContentTransferEncoding: 'BASE64',
            ContentId: 'logo',
            ContentDisposition: 'INLINE',
            ContentType: 'image/png',
          },
        ],
      }),
    );
    const files = mail.attachments.map((file) => ({
      ...{ name: file.filename, type: file.mimeType, disposition: file.disposition, cid: file.contentId },
      same: bytes.equals(Buffer.from(file.content as ArrayBuffer)),
    }));
    assert.deepEqual(
      files.sort((a, b) => String(a.name).localeCompare(String(b.name))),
      [
        { name: 'logo.png', type: 'image/png', disposition: 'inline', cid: '<logo>', same: true },
        { name: 'żółw.bin', type: 'x/y', disposition: 'attachment', cid: undefined, same: true },
      ],
    );
  });

  test('a mail loses letters beyond US-ASCII where no charset is named', async (t) => {
    const { mail } = await receive(t, aSimpleInput({ Subject: { Data: 'Zoë' } }));
    assert.equal(mail.subject, 'Zo?');
  });

  test('a mail survives dots at line starts and very long lines', async (t) => {
    const text = `.\r\n..two\r\n${'long '.repeat(500)}end`;
    const { mail } = await receive(t, aSimpleInput({ Body: { Text: { Data: text, Charset: 'UTF-8' } } }));
    assert.equal(mail.text?.replace(/\r?\n/g, '\r\n').trimEnd(), text);
  });

  test('a mail keeps any subject and text', async () => {
    const printable = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 200 })
      .filter((text) => text.trim() !== '' && !/\p{Cc}|\p{Cf}|\p{Cs}|\p{Co}|\p{Cn}/u.test(text))
      .map((text) => text.replace(/\s+/gu, ' ').trim());
    await fc.assert(
      fc.asyncProperty(printable, printable, async (subject, text) => {
        const mail = await compose(subject, text);
        assert.equal(mail.subject, subject);
        assert.equal(mail.text?.trim(), text);
      }),
      { numRuns: 200 },
    );
  });
});
