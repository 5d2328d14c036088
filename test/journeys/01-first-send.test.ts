import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import PostalMime from 'postal-mime';
import { Resend } from 'resend';
import { eventually } from '../support/base/eventually.ts';
import { startTestCloud, type TestCloud } from '../support/journeys/local-cloud.ts';

/** What a newcomer does first, with the official SDK and nothing but its base URL changed. */
describe('first send', () => {
  let cloud: TestCloud;
  let resend: Resend;

  before(async () => {
    cloud = await startTestCloud();
    process.env.RESEND_BASE_URL = cloud.url;
    resend = new Resend(cloud.apiKey);
  });
  after(() => cloud.close());

  const lastEvent = async (id: string) => (await resend.emails.get(id)).data?.last_event;

  test('a mail sent by the resend SDK arrives complete over SMTP and reads delivered', async () => {
    const { data, error } = await resend.emails.send({
      from: 'Ada <ada@example.com>',
      to: ['Grace@Example.org'],
      cc: 'copy@example.org',
      bcc: 'blind@example.net',
      replyTo: 'help@example.com',
      subject: 'Grüße, your code is 4711 ✓ 🎉',
      html: '<p>Your code is <b>4711</b> 🎉 <img src="cid:logo"></p>',
      headers: { 'X-Order': '42' },
      tags: [{ name: 'kind', value: 'welcome' }],
      attachments: [
        { filename: 'receipt.txt', content: Buffer.from('one coffee') },
        { filename: 'logo.png', content: Buffer.from('89504e47', 'hex'), contentId: 'logo' },
      ],
    });
    assert.equal(error, null);
    assert.ok(data);

    await eventually(async () => assert.equal(await lastEvent(data.id), 'delivered'));

    const mails = await cloud.inbox();
    assert.deepEqual(mails.flatMap((mail) => mail.envelope.to.map((to) => to.toLowerCase())).sort(), [
      'blind@example.net',
      'copy@example.org',
      'grace@example.org',
    ]);
    const mail = mails[0];
    assert.ok(mail);
    const parsed = await PostalMime.parse(mail.raw);
    assert.equal(parsed.subject, 'Grüße, your code is 4711 ✓ 🎉');
    assert.equal(parsed.from?.name, 'Ada');
    assert.equal(parsed.replyTo?.[0]?.address, 'help@example.com');
    assert.match(parsed.html ?? '', /<b>4711<\/b> 🎉/);
    assert.match(parsed.text ?? '', /Your code is 4711/);
    assert.equal(parsed.headers.find((header) => header.key === 'x-order')?.value, '42');
    assert.equal(parsed.attachments.length, 2);
    assert.ok(!/blind@example\.net/.test(mail.raw));

    const email = (await resend.emails.get(data.id)).data;
    assert.deepEqual(email?.to, ['Grace@Example.org']);
    assert.deepEqual(email?.bcc, ['blind@example.net']);
    assert.match(email?.html ?? '', /4711/);
  });

  test('the status goes from queued over sent to delivered and never back', async () => {
    const { data } = await resend.emails.send({
      from: 'ada@example.com',
      to: 'steps@example.org',
      subject: 'Steps',
      text: 'one, two, three',
    });
    assert.ok(data);
    const seen: string[] = [];
    await eventually(async () => {
      const state = (await lastEvent(data.id)) ?? 'absent';
      if (seen.at(-1) !== state) seen.push(state);
      assert.equal(state, 'delivered');
    });
    const order = ['queued', 'sent', 'delivered'];
    assert.deepEqual(
      seen,
      order.filter((state) => seen.includes(state)),
    );
  });

  test('a hard bounce suppresses the address and the next mail to it never reaches SMTP', async () => {
    const to = 'bounce@simulator.amazonses.com';
    const send = () => resend.emails.send({ from: 'ada@example.com', to, subject: 'Hello', text: 'Hello' });

    const first = await send();
    assert.ok(first.data);
    const firstId = first.data.id;
    await eventually(async () => assert.equal(await lastEvent(firstId), 'bounced'));

    const answer = await fetch(`${cloud.url}/suppressions/${encodeURIComponent(to)}`, {
      headers: { authorization: `Bearer ${cloud.apiKey}` },
    });
    const entry = (await answer.json()) as Record<string, unknown>;
    assert.equal(answer.status, 200);
    assert.equal(entry.origin, 'bounce');
    assert.equal(entry.source_id, firstId);

    const second = await send();
    assert.ok(second.data);
    const secondId = second.data.id;
    await eventually(async () => assert.equal(await lastEvent(secondId), 'suppressed'));
    assert.deepEqual(await cloud.inbox(to), []);
  });
});
