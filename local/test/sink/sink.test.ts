import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { createClock } from '../../src/host/clock.ts';
import type { LocalRoute } from '../../src/host/local-routes.ts';
import { type Sink, type SinkOptions, startSink } from '../../src/sink/sink.ts';

const SAMPLE = { apiKey: 'acme_key', from: 'hello@example.com' };

async function open(t: TestContext, options: Partial<SinkOptions> = {}) {
  const clock = createClock();
  const sink = await startSink({ ...{ clock, product: 'Acme', sample: SAMPLE }, ...options });
  t.after(sink.close);
  return { clock, sink };
}

const aMail = (overrides: { to?: string[]; raw?: string | Buffer } = {}) => ({
  to: overrides.to ?? ['ada@example.net'],
  raw: overrides.raw ?? 'From: Eve <eve@example.com>\r\nSubject: Hello\r\n\r\nIt works.\r\n',
});

async function drop(sink: Sink, mail = aMail()): Promise<void> {
  const connection = new SMTPConnection({ host: '127.0.0.1', port: sink.port, ignoreTLS: true });
  await new Promise<void>((resolve, reject) => {
    connection.on('error', reject);
    connection.connect(() =>
      connection.send({ from: 'bounce@mail.example.com', to: mail.to }, mail.raw, (error) => {
        connection.close();
        if (error) reject(error);
        else resolve();
      }),
    );
  });
}

function get(sink: Sink, path: string, params: Record<string, string> = {}, rawQuery = '') {
  const route = sink.routes.find((candidate: LocalRoute) => candidate.path === path);
  assert.ok(route, `no route ${path}`);
  return route.handle({ params, rawQuery, body: Buffer.alloc(0) });
}

const getJson = async (...args: Parameters<typeof get>) => JSON.parse((await get(...args)).body.toString());

describe('GET /_local/inbox', () => {
  test('lists mails oldest first with envelope, source and time by the local clock', async (t) => {
    const { sink, clock } = await open(t);
    clock.advance(86_400);
    const sentAt = clock.now();
    await drop(sink, aMail({ to: ['ada@example.net', 'bob@example.net'] }));
    await drop(sink, aMail({ to: ['cy@example.net'] }));
    const [first, second] = await getJson(sink, '/_local/inbox');

    assert.deepEqual(Object.keys(first).sort(), [
      'configurationSet',
      'envelope',
      'id',
      'pool',
      'raw',
      'receivedAt',
      'tenant',
    ]);
    assert.deepEqual(first.envelope, {
      from: 'bounce@mail.example.com',
      to: ['ada@example.net', 'bob@example.net'],
    });
    assert.match(first.raw, /^From: Eve <eve@example\.com>\r\nSubject: Hello\r\n\r\nIt works\.\r\n$/);
    const receivedAt = Date.parse(first.receivedAt);
    assert.ok(sentAt <= receivedAt && receivedAt <= clock.now());
    assert.deepEqual(second.envelope.to, ['cy@example.net']);
  });

  test('finds one recipient in any case, percent-decoded, a plus being a plus', async (t) => {
    const { sink } = await open(t);
    await drop(sink, aMail({ to: ['Ada+News@example.net'] }));
    for (const to of ['ada+news@EXAMPLE.net', 'ada%2Bnews%40example.net'])
      assert.equal((await getJson(sink, '/_local/inbox', {}, `to=${to}`)).length, 1);
    assert.deepEqual(await getJson(sink, '/_local/inbox', {}, 'to=news%40example.net'), []);
  });

  test('lists what came after a mail, and everything after one that is not kept', async (t) => {
    const { sink } = await open(t);
    for (const name of ['a', 'b', 'c']) await drop(sink, aMail({ to: [`${name}@example.net`] }));
    const recipientsAfter = async (id: string, more = '') =>
      (await getJson(sink, '/_local/inbox', {}, `after=${id}${more}`)).map(
        ({ envelope }: { envelope: { to: string[] } }) => envelope.to[0],
      );
    const [first, , last] = sink.mails().map(({ id }) => id);
    assert.deepEqual(await recipientsAfter(`${first}`), ['b@example.net', 'c@example.net']);
    assert.deepEqual(await recipientsAfter(`${first}`, '&to=c@example.net'), ['c@example.net']);
    assert.deepEqual(await recipientsAfter(`${last}`), []);
    assert.equal((await recipientsAfter('gone')).length, 3);
  });

  test('keeps bytes that are not UTF-8', async (t) => {
    const { sink } = await open(t);
    await drop(sink, aMail({ raw: Buffer.from('Subject: x\r\n\r\n\xe9t\xe9\r\n', 'latin1') }));
    await drop(sink, aMail({ raw: 'Subject: x\r\n\r\nété\r\n' }));
    for (const { raw } of sink.mails()) assert.ok(raw.endsWith('été\r\n'));
  });

  test('keeps the newest mails within its limits and says how many went', async (t) => {
    const { sink } = await open(t, { limits: { mails: 2, bytes: 1_000_000 } });
    for (const name of ['a', 'b', 'c']) await drop(sink, aMail({ to: [`${name}@example.net`] }));
    assert.deepEqual(
      sink.mails().map(({ envelope }) => envelope.to[0]),
      ['b@example.net', 'c@example.net'],
    );
    assert.equal((await getJson(sink, '/_local/inbox/summary')).dropped, 1);
  });

  test('the sink outlives a client that hangs up in the middle', async (t) => {
    const { sink } = await open(t);
    const socket = connect(sink.port, '127.0.0.1');
    await new Promise((resolve) => socket.once('data', resolve));
    socket.write('EHLO x\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\nDATA\r\nhalf');
    await new Promise((resolve) => setTimeout(resolve, 30));
    socket.destroy();
    await drop(sink);
    assert.equal(sink.mails().length, 1);
  });
});

describe('the sink page', () => {
  const hostile = [
    'From: "<script>alert(1)</script>" <eve@example.com>',
    'Subject: <img src=x onerror=alert(1)>',
    'Content-Type: multipart/related; boundary=b',
    '',
    '--b',
    'Content-Type: text/html',
    '',
    '<img src="cid:logo"><script>alert(2)</script>',
    '--b',
    'Content-Type: image/png; name="logo.png"',
    'Content-ID: <logo>',
    'Content-Transfer-Encoding: base64',
    '',
    'AAEC',
    '--b--',
    '',
  ].join('\r\n');

  test('the sink page forbids scripts but its own and shows mail only in a frame without rights', async (t) => {
    const { sink } = await open(t);
    const page = await get(sink, '/_local/');
    const script = (await get(sink, '/_local/inbox.js')).body.toString();
    assert.match(String(page.headers['content-security-policy']), /script-src 'self'/);
    assert.match(script, /setAttribute\('sandbox', ''\)/);
    assert.equal(/innerHTML|insertAdjacentHTML|document\.write/.test(script), false);
  });

  test('the sink page escapes all that is put into its markup', async (t) => {
    const { sink } = await open(t, { sample: { apiKey: '"><script>', from: "o'hara@example.com" } });
    const page = (await get(sink, '/_local/')).body.toString();
    assert.equal(page.includes('"><script>"'), false);
    assert.ok(page.includes('&#34;&#62;&#60;script&#62;'));
  });

  test('lists and opens a mail with html, text, headers and attachments', async (t) => {
    const { sink } = await open(t);
    await drop(sink, aMail({ raw: hostile }));
    const { mails, kept } = await getJson(sink, '/_local/inbox/summary');
    assert.equal(kept, 1);
    assert.equal(mails[0].subject, '<img src=x onerror=alert(1)>');

    const view = await getJson(sink, '/_local/inbox/{id}', { id: mails[0].id });
    assert.ok(view.html.includes('<img src="data:image/png;base64,AAEC">'));
    assert.deepEqual(view.attachments, [{ name: 'logo.png', type: 'image/png', bytes: 3 }]);
    assert.equal(view.headers[0].name, 'From');
    const source = await get(sink, '/_local/inbox/{id}/source', { id: mails[0].id });
    assert.equal(source.body.toString(), hostile);
  });

  test('opens a tracked mail without counting as a reader, and lists its links to follow', async (t) => {
    const { sink } = await open(t);
    const pixel = 'http://127.0.0.1:3000/_local/track/open/mail-1';
    const link = 'http://127.0.0.1:3000/_local/track/click/mail-1/0';
    const html = `<a href="${link}">a</a><a href="mailto:a@b.c">b</a><img src="http://x.test/a.png"><img alt="" src="${pixel}" style="x">`;
    await drop(sink, aMail({ raw: `Subject: x\r\nContent-Type: text/html\r\n\r\n${html}\r\n` }));
    const view = await getJson(sink, '/_local/inbox/{id}', { id: sink.mails()[0]?.id ?? '' });
    assert.equal(view.html.includes('track/open'), false);
    assert.ok(view.html.includes('<img src="http://x.test/a.png">'));
    assert.deepEqual([view.links, view.pixel], [[link], pixel]);
  });

  test('hands out an attachment only as a download', async (t) => {
    const { sink } = await open(t);
    await drop(sink, aMail({ raw: hostile }));
    const id = sink.mails()[0]?.id ?? '';
    const file = await get(sink, '/_local/inbox/{id}/attachments/{index}', { id, index: '0' });
    assert.deepEqual([...file.body], [0, 1, 2]);
    assert.equal(file.headers['content-type'], 'application/octet-stream');
    assert.match(String(file.headers['content-disposition']), /^attachment; filename\*=UTF-8''logo\.png$/);
    for (const params of [
      { id, index: '7' },
      { id: 'x', index: '0' },
    ])
      assert.equal((await get(sink, '/_local/inbox/{id}/attachments/{index}', params)).status, 404);
  });

  test('shows a mail that is not MIME at all', async (t) => {
    const { sink } = await open(t);
    await drop(sink, aMail({ raw: 'garbage' }));
    const { mails } = await getJson(sink, '/_local/inbox/summary');
    assert.equal(mails[0].from, 'bounce@mail.example.com');
    assert.equal((await get(sink, '/_local/inbox/{id}', { id: mails[0].id })).status, 200);
  });
});
