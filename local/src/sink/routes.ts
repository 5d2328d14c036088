import { randomUUID } from 'node:crypto';
import type { HttpResponse } from '../host/http-body.ts';
import type { LocalRequest, LocalRoute } from '../host/local-routes.ts';
import { type MailStore, type StoredMail, toSinkMail } from './mail-store.ts';
import { findAttachment, type MailSummary, safeDecode, toSummary, toView } from './mail-view.ts';
import type { Page } from './page.ts';

/** List that the page polls, the newest mails first. */
export interface MailList {
  /** Changes with every change of the list. */
  readonly revision: string;
  readonly kept: number;
  readonly dropped: number;
  readonly mails: readonly MailSummary[];
}

const SUMMARIES = 200;

/**
 * The page is the only thing here that a mail's own markup reaches: it is shown in a frame without scripts, forms
 * or same origin, and this policy holds inside that frame too.
 */
const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src data: http: https:; connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'",
  'referrer-policy': 'no-referrer',
};

/** Creates `GET /_local/` and the routes that the page and tests read. */
export function createSinkRoutes(store: MailStore, page: Page): readonly LocalRoute[] {
  const get = (path: string, handle: LocalRoute['handle']): LocalRoute => ({ method: 'GET', path, handle });
  const withMail =
    (handle: (mail: StoredMail, request: LocalRequest) => Promise<HttpResponse>): LocalRoute['handle'] =>
    async (request) => {
      const mail = store.get(request.params.id ?? '');
      return mail ? handle(mail, request) : json(404, { message: 'No such mail' });
    };
  const summaries = createSummaries(store);

  return [
    get('/_local/', async () => ({ status: 200, headers: PAGE_HEADERS, body: page.html })),
    get('/_local/inbox.js', async () => reply('text/javascript; charset=utf-8', page.script)),
    get('/_local/inbox', async ({ rawQuery }) => {
      const [to, after] = ['to', 'after'].map((name) => findParameter(rawQuery, name));
      return jsonArray(store.list({ to, after }));
    }),
    get('/_local/inbox/summary', async () => json(200, await summaries())),
    get(
      '/_local/inbox/{id}',
      withMail(async (mail) => json(200, await toView(mail))),
    ),
    get(
      '/_local/inbox/{id}/source',
      withMail(async ({ bytes }) => reply('text/plain; charset=utf-8', bytes)),
    ),
    get('/_local/inbox/{id}/attachments/{index}', withMail(downloadAttachment)),
  ];
}

/** Lists the newest mails, each read once. */
function createSummaries(store: MailStore) {
  const run = randomUUID();
  const read = new WeakMap<StoredMail, Promise<MailSummary>>();
  const summaryOf = (mail: StoredMail) => {
    const known = read.get(mail) ?? toSummary(mail);
    read.set(mail, known);
    return known;
  };

  return async (): Promise<MailList> => {
    const all = store.list();
    const newest = all.slice(-SUMMARIES).reverse();
    return {
      revision: `${run}/${newest[0]?.id ?? ''}`,
      kept: all.length,
      dropped: store.dropped(),
      mails: await Promise.all(newest.map(summaryOf)),
    };
  };
}

async function downloadAttachment(mail: StoredMail, { params }: LocalRequest): Promise<HttpResponse> {
  const attachment = await findAttachment(mail, Number(params.index));
  if (!attachment) return json(404, { message: 'No such attachment' });
  const name = encodeURIComponent(attachment.name).replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16)}`,
  );
  return {
    status: 200,
    headers: {
      // Never a type that a browser would run in this origin.
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename*=UTF-8''${name}`,
      'x-content-type-options': 'nosniff',
    },
    body: attachment.content,
  };
}

/** Finds a parameter by percent-decoding alone: in an address a `+` is a plus, not a space. */
function findParameter(rawQuery: string, name: string): string | undefined {
  const pair = rawQuery.split('&').find((text) => text.startsWith(`${name}=`));
  return pair === undefined ? undefined : safeDecode(pair.slice(name.length + 1));
}

/** Writes mail by mail: one string of all of them could pass the longest string there is. */
function jsonArray(mails: readonly StoredMail[]): HttpResponse {
  const items = mails.flatMap((mail, index) => [
    Buffer.from(index === 0 ? '' : ','),
    Buffer.from(JSON.stringify(toSinkMail(mail))),
  ]);
  const body = Buffer.concat([Buffer.from('['), ...items, Buffer.from(']')]);
  return reply('application/json; charset=utf-8', body);
}

const json = (status: number, value: unknown): HttpResponse => ({
  ...reply('application/json; charset=utf-8', Buffer.from(JSON.stringify(value))),
  status,
});

const reply = (contentType: string, body: Buffer): HttpResponse => ({
  status: 200,
  headers: { 'content-type': contentType, 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' },
  body,
});
