import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import PostalMime from 'postal-mime';
import { eventually } from '../support/base/eventually.ts';
import { request, send, showEmail } from '../support/journeys/journey.ts';
import { startTestCloud, type TestCloud } from '../support/journeys/local-cloud.ts';

const LINK = 'https://shop.example.com/orders/1?a=b';
const HTML = `<p>Your order: <a href="${LINK.replace('&', '&amp;')}">look</a></p>`;
const GMAIL = 'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)';

/** Opens and clicks, from the config to what `GET /emails/{id}` reads, through a reader's own requests. */
describe('tracking', () => {
  let cloud: TestCloud;
  let readers = 0;

  before(async () => {
    cloud = await startTestCloud({
      config: {
        streams: {
          transactional: { kind: 'transactional', ratePercent: 50 },
          news: {
            ...{ kind: 'broadcast', ratePercent: 50 },
            tracking: { clicks: true, domain: 'links.example.com' },
          },
        },
      },
    });
  });
  after(() => cloud.close());

  const receive = async (overrides: Record<string, unknown>) => {
    const to = `reader-${++readers}@example.org`;
    const id = await send(cloud, { to, html: HTML, text: `Your order: ${LINK}`, ...overrides });
    await eventually(async () => assert.equal((await cloud.inbox(to)).length, 1));
    const { html = '', text } = await PostalMime.parse((await cloud.inbox(to))[0]?.raw ?? '');
    const urlOf = (what: string) =>
      new RegExp(`"(${cloud.url}/_local/track/${what}/[^"]+)"`).exec(html)?.[1] ?? '';
    return { id, html: html.trim(), text: text?.trim(), pixel: urlOf('open'), link: urlOf('click') };
  };
  const visit = async (url: string, userAgent = 'Mozilla/5.0 (iPhone)') => {
    const answer = await fetch(url, { redirect: 'manual', headers: { 'user-agent': userAgent } });
    await answer.arrayBuffer();
    return answer;
  };
  const factsWritten = async () => {
    const { operations } = await cloud.usage();
    return operations.find((row) => row.function === 'record-event' && row.operation === 'PutItem')?.requests;
  };
  const local = async (path: string) =>
    (await (await fetch(`${cloud.url}/_local/${path}`)).json()) as Record<string, unknown>;
  const reads = (id: string, lastEvent: string) =>
    eventually(async () => assert.equal((await showEmail(cloud, id)).body.last_event, lastEvent));

  test('an open and a click of a mail that asked for both are read from it', async () => {
    const mail = await receive({ stream: 'news', tracking: { opens: true } });
    assert.equal(mail.text, `Your order: ${LINK}`);
    await reads(mail.id, 'delivered');

    const image = await visit(mail.pixel);
    assert.deepEqual([image.status, image.headers.get('content-type')], [200, 'image/gif']);
    await reads(mail.id, 'opened');
    const answer = await visit(mail.link);
    assert.deepEqual([answer.status, answer.headers.get('location')], [302, LINK]);
    await reads(mail.id, 'clicked');
  });

  test('an open by a machine belongs to no recipient, and one by a person after it counts', async () => {
    const mail = await receive({ stream: 'news', tracking: { opens: true } });
    await reads(mail.id, 'delivered');
    await cloud.resetUsage();
    await visit(mail.pixel, GMAIL);
    await eventually(async () => assert.equal(await factsWritten(), 1));
    assert.equal((await showEmail(cloud, mail.id)).body.last_event, 'delivered');
    await visit(mail.pixel);
    await reads(mail.id, 'opened');
  });

  test('a mail that says nothing gets what its stream says', async () => {
    const mail = await receive({ stream: 'news' });
    assert.equal(mail.pixel, '');
    await visit(mail.link);
    await reads(mail.id, 'clicked');
  });

  test('a mail that says no arrives as it was written', async () => {
    const mail = await receive({ stream: 'news', tracking: { opens: false, clicks: false } });
    assert.deepEqual([mail.html, mail.text], [HTML, `Your order: ${LINK}`]);
  });

  test('a stream without tracking never touches its mail, and cannot be asked to', async () => {
    for (const tracking of [undefined, { opens: false }])
      assert.equal((await receive({ stream: 'transactional', tracking })).html, HTML);
    const mail = { from: 'a@example.com', to: 'b@example.org', subject: 'x', html: HTML };
    const { status, body } = await request(cloud, 'POST', '/emails', { ...mail, tracking: { opens: true } });
    assert.deepEqual([status, body.name], [422, 'validation_error']);
    assert.match(String(body.message), /stream `transactional`.*postlane\.config\.ts/);
  });

  test('a domain adds to its stream, and a mail has the last word', async () => {
    const made = await request(cloud, 'POST', '/domains', { name: 'sender.test', open_tracking: true });
    await request(cloud, 'POST', `/domains/${made.body.id}/verify`);
    await eventually(async () =>
      assert.equal((await request(cloud, 'GET', `/domains/${made.body.id}`)).body.status, 'verified'),
    );
    const from = 'a@sender.test';
    const mail = await receive({ from, stream: 'news' });
    assert.ok(mail.pixel !== '' && mail.link !== '');
    assert.equal((await receive({ from, stream: 'news', tracking: { opens: false } })).pixel, '');
    assert.equal((await receive({ from, stream: 'transactional' })).html, HTML);
  });

  test('a reader of the local inbox opens a mail uncounted, and finds its links', async () => {
    const mail = await receive({ stream: 'news', tracking: { opens: true } });
    await reads(mail.id, 'delivered');
    const { mails } = await local('inbox/summary');
    const view = await local(`inbox/${(mails as { id: string }[])[0]?.id}`);
    assert.ok(String(view.html).includes(mail.link) && !String(view.html).includes('/track/open/'));
    assert.deepEqual([view.links, view.pixel], [[mail.link], mail.pixel]);
  });
});
