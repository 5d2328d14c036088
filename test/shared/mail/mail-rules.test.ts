import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  contentIdProblem,
  contentTypeOf,
  contentTypeProblem,
  encodedLength,
  filenameProblem,
} from '../../../shared/mail/mail-attachment.ts';
import { headersProblem } from '../../../shared/mail/mail-headers.ts';
import { tagsProblem } from '../../../shared/mail/mail-tags.ts';

describe('headers', () => {
  test('headers of the customer pass as they are', () => {
    const headers = {
      'X-Entity-Ref-ID': '42',
      'List-Unsubscribe': '<https://example.com/u>',
      References: '<a@b>',
    };
    assert.equal(headersProblem(headers), undefined);
  });

  test('headers that we or SES set are refused in any case of letters', () => {
    const reserved = [
      ...['From', 'To', 'Cc', 'Bcc', 'Reply-To', 'Subject', 'Date', 'Message-ID', 'Sender', 'Return-Path'],
      ...['Received', 'DKIM-Signature', 'MIME-Version', 'Content-Type', 'Content-Language', 'Feedback-ID'],
      ...['X-SES-CONFIGURATION-SET', 'X-SES-MESSAGE-TAGS', 'x-ses-anything'],
    ];
    for (const name of reserved) {
      for (const spelling of [name, name.toLowerCase(), name.toUpperCase()]) {
        assert.equal(headersProblem({ [spelling]: 'x' }), `may not set \`${spelling}\``);
      }
    }
  });

  test('headers keep to the limits of SES: 15, 126 characters of name, 996 of name and value', () => {
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`X-${n}`, '']));
    assert.equal(headersProblem(many(15)), undefined);
    assert.match(headersProblem(many(16)) ?? '', /more than 15/);
    assert.equal(headersProblem({ [`X${'n'.repeat(125)}`]: '' }), undefined);
    assert.match(headersProblem({ [`X${'n'.repeat(126)}`]: '' }) ?? '', /126/);
    assert.equal(headersProblem({ X: 'v'.repeat(995) }), undefined);
    assert.match(headersProblem({ Xy: 'v'.repeat(995) }) ?? '', /996/);
  });

  test('headers that differ in case alone are one header twice', () => {
    assert.match(headersProblem({ 'X-A': '1', 'x-a': '2' }) ?? '', /twice/);
  });

  test('headers that pass are printable ASCII, with names without a colon', () => {
    const text = fc.string({ unit: 'binary', maxLength: 20 });
    fc.assert(
      fc.property(text, text, (name, value) => {
        if (headersProblem({ [name]: value }) !== undefined) return;
        assert.match(name, /^[!-9;-~]+$/);
        assert.match(value, /^[ -~]*$/);
      }),
    );
  });
});

describe('tags', () => {
  const tag = (name: string, value = 'v') => ({ name, value });

  test('tags have 256 characters of letters, digits, _ and -', () => {
    assert.equal(tagsProblem([tag('n'.repeat(256), 'A_z-9')]), undefined);
    assert.match(tagsProblem([tag('n'.repeat(257))]) ?? '', /256/);
    for (const bad of ['', 'a b', 'é', 'a\n', 'a:b']) {
      assert.ok(tagsProblem([tag(bad)]));
      assert.ok(tagsProblem([tag('n', bad)]));
    }
  });

  test('a mail has 75 tags at most', () => {
    assert.equal(tagsProblem(Array.from({ length: 75 }, (_, n) => tag(`t${n}`))), undefined);
    assert.match(tagsProblem(Array.from({ length: 76 }, (_, n) => tag(`t${n}`))) ?? '', /75/);
  });
});

describe('attachments', () => {
  test('attachments with an extension that SES blocks are refused, with anything around it', () => {
    for (const name of ['run.exe', 'RUN.EXE', 'a.pdf.js', ' x.bat ', '.vbs'])
      assert.ok(filenameProblem(name), name);
    for (const name of ['report.pdf', 'exe', 'a.exe.zip', 'Übersicht.docx']) {
      assert.equal(filenameProblem(name), undefined, name);
    }
  });

  test('attachments have a file name of one line and 255 characters', () => {
    assert.equal(filenameProblem('n'.repeat(255)), undefined);
    assert.ok(filenameProblem('n'.repeat(256)));
    for (const bad of ['a\r\nb', 'a\0b', 'a\ud800b']) assert.ok(filenameProblem(bad));
  });

  test('attachments have a content id and a type within 78 ASCII characters', () => {
    assert.equal(contentIdProblem('logo@example.com'), undefined);
    for (const bad of ['c'.repeat(79), '<logo>', 'a b', 'é', 'a\r\nb']) assert.ok(contentIdProblem(bad));
    assert.equal(contentTypeProblem('text/plain; charset=utf-8'), undefined);
    for (const bad of ['pdf', 'multipart/mixed', 'a/b\r\nX: y', 'é/a', `a/${'b'.repeat(80)}`])
      assert.ok(contentTypeProblem(bad));
  });

  test('attachments have a type by their extension where none is given', () => {
    assert.equal(contentTypeOf('Report.PDF'), 'application/pdf');
    assert.equal(contentTypeOf('x.constructor'), 'application/octet-stream');
    assert.equal(contentTypeOf('README'), 'application/octet-stream');
  });

  test('attachments are counted as base64', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) =>
        assert.equal(encodedLength(bytes.length), Buffer.from(bytes).toString('base64').length),
      ),
    );
  });
});
