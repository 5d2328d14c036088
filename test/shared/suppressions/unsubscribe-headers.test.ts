import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { headersProblem } from '../../../shared/mail/mail-headers.ts';
import { outgoingMail } from '../../../shared/sending/outgoing-mail.ts';
import { countAdded, withUnsubscribe } from '../../../shared/suppressions/unsubscribe-headers.ts';
import { buildMessage } from '../../support/messages/delivery-builders.ts';

const URL = 'https://mail.example.com/unsubscribe/token';
const OURS = { 'List-Unsubscribe': `<${URL}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' };
const many = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`X-${index}`, '']));

describe('headers of one-click unsubscribe', () => {
  test('the headers of one-click unsubscribe are the two of RFC 8058, beside those of the sender', () => {
    assert.deepEqual(withUnsubscribe({ 'X-Order': '1' }, URL), { 'X-Order': '1', ...OURS });
    assert.equal(countAdded({ 'X-Order': '1' }), 2);
  });

  for (const name of ['List-Unsubscribe', 'list-unsubscribe', 'LIST-UNSUBSCRIBE'])
    test(`unsubscribe headers are not added beside a ${name} of the sender`, () => {
      const own = { [name]: '<https://shop.example/u>' };
      assert.deepEqual(withUnsubscribe(own, URL), own);
      assert.equal(countAdded(own), 0);
    });

  test('unsubscribe headers replace a List-Unsubscribe-Post without a link, which SES would refuse', () => {
    const own = { 'list-unsubscribe-post': 'List-Unsubscribe=One-Click', 'X-Order': '1' };
    assert.deepEqual(withUnsubscribe(own, URL), { 'X-Order': '1', ...OURS });
    assert.equal(countAdded(own), 1);
  });

  test('unsubscribe headers leave a mail as it was accepted where SES would take no more', () => {
    assert.equal(Object.keys(withUnsubscribe(many(13), URL)).length, 15);
    assert.deepEqual(withUnsubscribe(many(14), URL), many(14));
  });

  test('unsubscribe headers count when a mail is accepted', () => {
    assert.equal(headersProblem(many(13), 2), undefined);
    assert.match(headersProblem(many(14), 2) ?? '', /more than 13 headers: Amazon SES takes 15, .* adds 2$/);
  });

  test('unsubscribe headers are in the mail that SES is given, where there is a link', () => {
    const content = { text: 'hi', headers: { 'X-Order': '1' }, attachments: [] };
    const parts = {
      attachments: [],
      suppressed: new Set<string>(),
      configurationSet: 'news',
      tracking: { opens: false, clicks: false },
    };
    const headersWith = (more: object) =>
      outgoingMail(buildMessage(), content, { ...parts, ...more }).headers;
    assert.deepEqual(headersWith({ unsubscribeUrl: URL }), { 'X-Order': '1', ...OURS });
    assert.deepEqual(headersWith({}), { 'X-Order': '1' });
  });
});
