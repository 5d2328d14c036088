import { createHash } from 'node:crypto';
import { ContractError, type PageResponse } from '../../base/contract/errors.ts';

/** Subscription that a page speaks of. */
export interface Subscription {
  readonly address: string;
  readonly stream: string;
  /** Sender as it stands in the mail's `from`; absent where the mail is forgotten. */
  readonly sender?: string;
}

const STYLE =
  ':root{color-scheme:light dark}' +
  'body{font:1.125rem/1.5 system-ui,sans-serif;max-width:36rem;margin:3rem auto;padding:0 1rem;overflow-wrap:anywhere}' +
  'button{font:inherit;padding:.5rem 1.5rem}';

/** Headers of a page: nothing is loaded, run or framed, and the link stays with its holder. */
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${sha256(STYLE)}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-robots-tag': 'noindex, nofollow',
} as const;

/** Asks whether mail shall end. Its button sends what a mail client sends (RFC 8058 section 3.2). */
export const askPage = (subscription: Subscription): PageResponse =>
  ok(
    'Unsubscribe',
    `<p>Stop mail of ${listOf(subscription)} to ${strong(subscription.address)}?</p>`,
    '<form method="post"><button name="List-Unsubscribe" value="One-Click">Unsubscribe</button></form>',
    '<p>Mail that does not belong to this list still arrives.</p>',
  );

export const donePage = (subscription: Subscription): PageResponse =>
  ok(
    'You are unsubscribed',
    `<p>No more mail of ${listOf(subscription)} is sent to ${strong(subscription.address)}. What has left already may still arrive.</p>`,
  );

/** Gives a refusal a page, for a person. */
export function withPage({ problem, headers, cause }: ContractError): ContractError {
  const { statusCode, name, message } = problem;
  const html = page('This did not work', `<p>${escapeHtml(message)}</p>`);
  return new ContractError(statusCode, name, message, { headers: { ...HEADERS, ...headers }, html, cause });
}

const ok = (title: string, ...content: readonly string[]): PageResponse => ({
  status: 200,
  html: page(title, ...content),
  headers: HEADERS,
});

/** @param content markup, its texts escaped */
const page = (title: string, ...content: readonly string[]): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
${content.join('\n')}
</main>
</body>
</html>
`;

function listOf({ stream, sender }: Subscription): string {
  const from = sender === undefined ? '' : ` from ${strong(sender)}`;
  return `the list ${strong(stream)}${from}`;
}

/** Text in bold. It is isolated: the direction of a text must not turn the words around it. */
const strong = (text: string): string => `<strong><bdi>${escapeHtml(text)}</bdi></strong>`;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escapeHtml = (text: string): string => text.replaceAll(/[&<>"']/g, (found) => ENTITIES[found] ?? found);

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
