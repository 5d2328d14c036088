import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import PostalMime from 'postal-mime';
import { Resend } from 'resend';
import { eventually } from '../support/base/eventually.ts';
import { aMail, request } from '../support/journeys/journey.ts';
import { startTestCloud, type TestCloud } from '../support/journeys/local-cloud.ts';

const ONE_CLICK = 'List-Unsubscribe=One-Click';

/** A newsletter beside transactional mail, sent by the official SDK; the links are those of the mail that arrived. */
describe('unsubscribing', () => {
  let cloud: TestCloud;
  let resend: Resend;

  before(async () => {
    cloud = await startTestCloud({ config: { tenants: {} } });
    process.env.RESEND_BASE_URL = cloud.url;
    resend = new Resend(cloud.apiKey);
  });
  after(() => cloud.close());

  async function send(to: string, { stream = 'broadcast', from = resend, headers = {} } = {}) {
    const { data, error } = await from.emails.send({
      ...aMail(),
      ...{ from: 'Shop <shop@example.com>', to, headers: { 'X-Postlane-Stream': stream, ...headers } },
    });
    assert.equal(error, null);
    return String(data?.id);
  }
  const reaches = (id: string, event: string, from = resend) =>
    eventually(async () => assert.equal((await from.emails.get(id)).data?.last_event, event));

  /** Headers of the last mail to an address, by lower-cased name. */
  async function headersOf(to: string): Promise<Readonly<Record<string, string>>> {
    const raw = (await cloud.inbox(to)).at(-1)?.raw ?? '';
    const { headers } = await PostalMime.parse(raw);
    return Object.fromEntries(headers.map(({ key, value }) => [key, value]));
  }

  /** The link of the last mail to an address, on the local cloud's own URL: its host is that of the deployment. */
  async function linkIn(to: string): Promise<string> {
    const { 'list-unsubscribe': link = '' } = await headersOf(to);
    const [, url = ''] = /^<(https?:\/\/[^>]+)>$/.exec(link) ?? [];
    return cloud.url + new URL(url).pathname;
  }

  const oneClick = (link: string) =>
    fetch(link, {
      ...{ method: 'POST', redirect: 'error', body: ONE_CLICK },
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
  const listed = async () => {
    const { body } = await request(cloud, 'GET', '/suppressions?stream=broadcast');
    return body.data as { email: string; origin: string; source_id: string }[];
  };

  test('unsubscribing stops the newsletter with one click, and nothing else', async () => {
    const to = 'ann@example.net';
    const id = await send(to);
    await reaches(id, 'delivered');
    assert.equal((await headersOf(to))['list-unsubscribe-post'], ONE_CLICK);
    const link = await linkIn(to);

    const page = await fetch(link);
    assert.equal(page.status, 200);
    assert.equal(page.headers.get('content-type'), 'text/html; charset=utf-8');
    assert.match(page.headers.get('content-security-policy') ?? '', /^default-src 'none'/);
    const text = await page.text();
    for (const shown of [to, 'Shop &lt;shop@example.com&gt;', 'broadcast', '<form method="post">'])
      assert.ok(text.includes(shown), shown);
    assert.equal((await fetch(link, { method: 'HEAD' })).status, 200);
    assert.deepEqual(await listed(), [], 'a look changes nothing');

    for (let click = 0; click < 2; click += 1) {
      const answer = await oneClick(link);
      assert.equal(answer.status, 200);
      assert.match(await answer.text(), /You are unsubscribed/);
    }
    const [entry, ...others] = await listed();
    assert.deepEqual([entry?.email, entry?.origin, entry?.source_id], [to, 'unsubscribe', id]);
    assert.deepEqual(others, []);
    assert.equal((await resend.emails.get(id)).data?.last_event, 'delivered', 'its mail did arrive');

    await reaches(await send(to), 'suppressed');
    await reaches(await send(to, { stream: 'transactional' }), 'delivered');
    assert.equal((await headersOf(to))['list-unsubscribe'], undefined, 'transactional mail has no link');
    assert.equal((await cloud.inbox(to)).length, 2);

    assert.equal((await request(cloud, 'DELETE', `/suppressions/${to}?stream=broadcast`)).status, 200);
    await reaches(await send(to), 'delivered');
  });

  test('unsubscribing costs a mail one read more, and the click three writes', async () => {
    const to = 'cost@example.net';
    await cloud.resetUsage();
    await reaches(await send(to), 'delivered');
    assert.equal((await oneClick(await linkIn(to))).status, 200);
    const { operations } = await cloud.usage();
    const unitsOf = (name: string, operation: string) =>
      operations.find((row) => row.function === name && row.operation === operation)?.units;
    assert.equal(unitsOf('send-message', 'BatchGetItem'), 2, "the account's list and the stream's");
    assert.equal(unitsOf('control-api', 'PutItem'), 3, 'entry, listing, fact');
  });

  test('an old link unsubscribes long after its mail is forgotten', async () => {
    const to = 'late@example.net';
    await reaches(await send(to), 'delivered');
    const link = await linkIn(to);
    await cloud.advance(400 * 86_400);
    assert.equal((await oneClick(link)).status, 200);
    await reaches(await send(to), 'suppressed');
  });

  test("unsubscribing is the sender's own where the mail has a link of theirs", async () => {
    const to = 'own@example.net';
    const own = { 'List-Unsubscribe': '<https://shop.example.com/off>' };
    await reaches(await send(to, { headers: own }), 'delivered');
    const { 'list-unsubscribe': link, 'list-unsubscribe-post': post } = await headersOf(to);
    assert.deepEqual([link, post], [own['List-Unsubscribe'], undefined]);
  });

  test("unsubscribing from a tenant's newsletter leaves that of others as it is", async () => {
    const to = 'both@example.net';
    await request(cloud, 'POST', '/tenants', { name: 'acme' });
    const { body } = await request(cloud, 'POST', '/api-keys', { name: 'acme', tenant: 'acme' });
    const acme = new Resend(String(body.token));
    await reaches(await send(to, { from: acme }), 'delivered', acme);
    assert.equal((await oneClick(await linkIn(to))).status, 200);
    await reaches(await send(to, { from: acme }), 'suppressed', acme);
    await reaches(await send(to), 'delivered');
  });

  test('unsubscribing needs the whole link', async () => {
    const to = 'cut@example.net';
    await reaches(await send(to), 'delivered');
    const cut = (await linkIn(to)).slice(0, -4);
    assert.equal((await oneClick(cut)).status, 404);
    assert.match(await (await fetch(cut)).text(), /not complete/);
    const asJson = await fetch(cut, { headers: { accept: 'application/json' } });
    assert.equal(((await asJson.json()) as { name: string }).name, 'not_found');
    await reaches(await send(to), 'delivered');
  });
});
