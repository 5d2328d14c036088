import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { notFound } from '../../../../shared/base/contract/errors.ts';
import { askPage, donePage, withPage } from '../../../../shared/suppressions/contract/unsubscribe-page.ts';

const about = { address: 'ann@example.net', stream: 'news', sender: 'Shop <shop@example.com>' };
const TEXT = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(fc.constantFrom('<', '>', '&', '"', "'", '</strong>', '<script>', '&lt;', 'a'))
    .map((parts) => parts.join('')),
);

/** What a browser reads in the places that hold a text of somebody. */
const shownIn = (html: string): readonly string[] =>
  [...html.matchAll(/<strong><bdi>([^<]*)<\/bdi><\/strong>/g)].map(([, text = '']) => unescapeHtml(text));

const unescapeHtml = (text: string): string =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');

const tagsOf = (html: string): readonly string[] => html.match(/<[^>]*>/g) ?? [];

describe('unsubscribe pages', () => {
  test('unsubscribe pages name the address, the list and its sender', () => {
    for (const { status, html } of [askPage(about), donePage(about)]) {
      assert.equal(status, 200);
      assert.deepEqual(shownIn(html), ['news', 'Shop <shop@example.com>', 'ann@example.net']);
    }
    const { sender: _sender, ...forgotten } = about;
    assert.deepEqual(shownIn(donePage(forgotten).html), ['news', 'ann@example.net']);
  });

  test('unsubscribe pages show every text as it is, and let none become markup', () => {
    fc.assert(
      fc.property(TEXT, TEXT, TEXT, (address, stream, sender) => {
        for (const pageOf of [askPage, donePage]) {
          const { html } = pageOf({ address, stream, sender });
          assert.deepEqual(shownIn(html), [stream, sender, address]);
          assert.deepEqual(tagsOf(html), tagsOf(pageOf(about).html));
        }
      }),
    );
  });

  test('unsubscribe pages ask with a form that posts what a mail client posts, to the same link', () => {
    const { html } = askPage(about);
    assert.match(
      html,
      /<form method="post"><button name="List-Unsubscribe" value="One-Click">Unsubscribe<\/button><\/form>/,
    );
    assert.doesNotMatch(donePage(about).html, /<form|<button/);
  });

  test('unsubscribe pages load, run and leak nothing, and allow their own style alone', () => {
    const { html, headers = {} } = askPage(about);
    assert.doesNotMatch(html, /<script|<link|<img|src=|href=|http/);
    const [, style = ''] = /<style>(.*)<\/style>/.exec(html) ?? [];
    const hash = createHash('sha256').update(style).digest('base64');
    assert.deepEqual(headers['content-security-policy']?.split('; '), [
      "default-src 'none'",
      `style-src 'sha256-${hash}'`,
      "form-action 'self'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ]);
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.match(headers['x-robots-tag'] ?? '', /noindex/);
    assert.equal(headers['cache-control'], 'no-store');
  });

  test('unsubscribe pages say their language, their title and one heading', () => {
    for (const { html } of [askPage(about), donePage(about)]) {
      assert.match(html, /^<!doctype html>\n<html lang="en">/);
      const [, title] = /<title>(.+)<\/title>/.exec(html) ?? [];
      assert.deepEqual(html.match(/<h1>.*<\/h1>/g), [`<h1>${title}</h1>`]);
    }
  });

  test('the page of a refusal keeps its status, name and headers', () => {
    const refused = withPage(notFound('No <b>link</b>.'));
    assert.deepEqual(refused.problem, { statusCode: 404, name: 'not_found', message: 'No <b>link</b>.' });
    assert.match(refused.html ?? '', /<p>No &lt;b&gt;link&lt;\/b&gt;\.<\/p>/);
    assert.equal(refused.headers['referrer-policy'], 'no-referrer');
  });
});
