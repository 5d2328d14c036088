import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { Resend } from 'resend';
import { encodeContent } from '../../../../shared/messages/contract/message-content.ts';
import { startDynalite } from '../../../support/aws/dynalite.ts';
import { type ControlWorld, startControlWorld } from '../../../support/control-api/control-world.ts';
import { aFact, aMessage, anId, NOON } from '../../../support/messages/message-builders.ts';

const KEPT = { contentKeptUntilEpochSeconds: NOON / 1000 + 30 * 86_400 };
const HOUR_MS = 3_600_000;
const CONTENT = { html: '<p>Hi</p>', text: 'Hi', headers: {}, attachments: [] };

let world: ControlWorld;
let stopDynalite: () => Promise<void>;
let token: string;
let resend: Resend;

before(async () => {
  const dynalite = await startDynalite();
  stopDynalite = dynalite.stop;
  world = await startControlWorld(dynalite.client);
  token = await world.key();
  resend = new Resend(token, { baseUrl: world.url });
});
after(async () => {
  await world.stop();
  await stopDynalite();
});
beforeEach(() => {
  for (const kept of [world.timelines, world.contents, world.objects]) kept.clear();
  world.time.nowEpochMs = NOON;
});

const get = (path: string) => world.request('GET', path, token);

describe('GET /emails/{id}', () => {
  test('gives the SDK a mail with its content', async () => {
    const message = aMessage({
      ...KEPT,
      cc: ['Copy <copy@example.org>'],
      replyTo: ['answers@example.com'],
      tags: [{ name: 'kind', value: 'receipt' }],
      status: 'sent',
      attempt: 1,
      sesMessageId: '0100-abc',
      sentAtEpochMs: NOON,
    });
    world.put(message, CONTENT);
    const { data, error } = await resend.emails.get(message.messageId);
    assert.equal(error, null);
    const { delivery, ...contract } = data as unknown as Record<string, unknown>;
    assert.deepEqual(contract, {
      object: 'email',
      id: message.messageId,
      message_id: '<0100-abc@email.amazonses.com>',
      from: 'Acme <hello@example.com>',
      to: ['reader@example.org'],
      cc: ['Copy <copy@example.org>'],
      bcc: [],
      reply_to: ['answers@example.com'],
      subject: 'Hello',
      html: '<p>Hi</p>',
      text: 'Hi',
      created_at: '2026-11-23T12:00:00.000Z',
      scheduled_at: null,
      last_event: 'sent',
      tags: [{ name: 'kind', value: 'receipt' }],
    });
    assert.deepEqual(delivery, {
      ...{ status: 'sent', reason: null, attempts: 1, duplicates: 0, unconfirmed: false },
      recipients: [
        { email: 'reader@example.org', last_event: 'sent', reason: null },
        { email: 'copy@example.org', last_event: 'sent', reason: null },
      ],
    });
  });

  test('shows content from the bucket where the table has none', async () => {
    const message = aMessage(KEPT);
    world.put(message);
    world.objects.set(`content/${message.messageId}`, encodeContent({ ...CONTENT, html: '<p>Large</p>' }));
    const { body } = await get(`/emails/${message.messageId}`);
    assert.equal(body.html, '<p>Large</p>');
    assert.equal(body.message_id, null);
    assert.equal(body.last_event, 'queued');
  });

  test('says null for content that is not kept, or not any more, also where some is still there', async () => {
    const never = aMessage();
    const expired = aMessage({ messageId: anId(NOON, 1), ...KEPT });
    world.put(never, CONTENT);
    world.put(expired, CONTENT);
    world.time.nowEpochMs = NOON + 30 * 24 * HOUR_MS;
    for (const { messageId } of [never, expired]) {
      const { body } = await get(`/emails/${messageId}`);
      assert.deepEqual([body.html, body.text], [null, null]);
    }
  });

  test('says null for the half of the content that was never written', async () => {
    world.put(aMessage(KEPT), { headers: {}, attachments: [], text: 'Only text' });
    const { body } = await get(`/emails/${anId()}`);
    assert.deepEqual([body.html, body.text], [null, 'Only text']);
  });

  test('tells of a bounce in the words of the contract, and of its recipient', async () => {
    const message = aMessage({
      to: ['reader@example.org', 'Gone <gone@example.org>'],
      status: 'sent',
      attempt: 1,
    });
    const bounced = aFact({
      kind: 'bounced',
      recipient: 'gone@example.org',
      detail: { bounceType: 'Permanent', bounceSubType: 'NoEmail', diagnosticCode: 'smtp; 550 5.1.1' },
    });
    world.put(message, undefined, [aFact(), bounced]);
    const { body } = await get(`/emails/${message.messageId}`);
    assert.equal(body.last_event, 'bounced');
    assert.deepEqual(body.bounce, {
      message: "The recipient's email provider sent a hard bounce message.",
      type: 'Permanent',
      subType: 'NoEmail',
      diagnosticCode: ['smtp; 550 5.1.1'],
    });
    assert.deepEqual(body.delivery.recipients, [
      { email: 'reader@example.org', last_event: 'delivered', reason: null },
      { email: 'gone@example.org', last_event: 'bounced', reason: 'NoEmail' },
    ]);
  });

  test('says why a mail failed', async () => {
    world.put(aMessage({ status: 'failed', statusReason: 'outcome_unknown: no proof', attempt: 2 }));
    const { body } = await get(`/emails/${anId()}`);
    assert.equal(body.last_event, 'failed');
    assert.equal(body.delivery.reason, 'outcome_unknown: no proof');
  });

  test('says after a day that delivery is unconfirmed', async () => {
    world.put(aMessage({ status: 'sent', attempt: 1, sentAtEpochMs: NOON }));
    world.time.nowEpochMs = NOON + 24 * HOUR_MS;
    const { body } = await get(`/emails/${anId()}`);
    assert.equal(body.last_event, 'sent');
    assert.equal(body.delivery.unconfirmed, true);
    assert.match(body.delivery.reason, /^delivery_unconfirmed: /);
  });

  test('shows a test recipient as it was written', async () => {
    world.put(aMessage({ to: ['delivered+one@resend.dev'], status: 'sent', attempt: 1 }), undefined, [
      aFact({ recipient: 'success+one@simulator.amazonses.com' }),
    ]);
    const { body } = await get(`/emails/${anId()}`);
    assert.deepEqual(body.delivery.recipients, [
      { email: 'delivered+one@resend.dev', last_event: 'delivered', reason: null },
    ]);
  });

  test('a mail that is unknown, of another tenant, or expired is not found', async () => {
    world.put(aMessage({ tenant: 'somebody-else' }));
    world.put(aMessage({ messageId: anId(NOON, 1), expiresAtEpochSeconds: NOON / 1000 }));
    const unknown = [anId(), anId(NOON, 1), anId(NOON, 2), 'a1b2c3d4-0000-4000-8000-000000000000'];
    for (const id of [...unknown, 'ffffffff-ffff-7fff-bfff-ffffffffffff']) {
      const answer = await get(`/emails/${id}`);
      assert.deepEqual(answer.body, { statusCode: 404, name: 'not_found', message: 'Email not found' }, id);
    }
  });

  test('refuses a mail id that is no UUID', async () => {
    for (const id of ['1', 'abc', `${anId()}0`, '%00']) {
      const { error } = await resend.emails.get(id);
      assert.equal(error?.statusCode, 422);
      assert.equal(error?.name, 'invalid_parameter');
      assert.equal(error?.message, 'The `id` must be a valid UUID.');
    }
  });
});

describe('GET /emails', () => {
  test('gives the SDK pages, newest first, each mail without its content', async () => {
    for (let minute = 0; minute < 25; minute++)
      world.put(aMessage({ messageId: anId(NOON + minute * 60_000) }));
    const first = await resend.emails.list();
    assert.equal(first.data?.data.length, 20);
    assert.equal(first.data?.has_more, true);
    const [newest] = first.data?.data ?? [];
    assert.equal(newest?.id, anId(NOON + 24 * 60_000));
    for (const name of ['html', 'text', 'tags', 'object', 'delivery'])
      assert.ok(newest && !(name in newest), name);
    for (const name of ['cc', 'bcc', 'reply_to', 'last_event', 'created_at'])
      assert.ok(newest && name in newest);

    const second = await resend.emails.list({ after: first.data?.data.at(-1)?.id ?? '' });
    assert.equal(second.data?.data.length, 5);
    assert.equal(second.data?.has_more, false);
    const back = await resend.emails.list({ before: second.data?.data[0]?.id ?? '', limit: 2 });
    assert.deepEqual(
      back.data?.data.map(({ id }) => id),
      first.data?.data.slice(-2).map(({ id }) => id),
    );
  });

  test('refuses pages of mails that cannot be', async () => {
    const refusals = [
      ['limit=0', 'validation_error'],
      ['limit=101', 'validation_error'],
      ['limit=-1', 'validation_error'],
      ['limit=1.5', 'validation_error'],
      ['limit=', 'validation_error'],
      ['limit=ten', 'validation_error'],
      [`after=${anId()}&before=${anId()}`, 'validation_error'],
      ['after=', 'invalid_parameter'],
      ['after=abc', 'invalid_parameter'],
      ['before=a1b2c3d4-0000-4000-8000-000000000000', 'invalid_parameter'],
      ['after=ffffffff-ffff-7fff-bfff-ffffffffffff', 'invalid_parameter'],
    ] as const;
    for (const [query, name] of refusals) {
      const answer = await get(`/emails?${query}`);
      assert.deepEqual([answer.status, answer.body.name], [422, name], query);
    }
  });

  test('goes on behind a mail that is not there any more', async () => {
    world.put(aMessage());
    const { data } = await resend.emails.list({ after: anId(NOON + 1) });
    assert.deepEqual(
      data?.data.map(({ id }) => id),
      [anId()],
    );
  });
});

describe('GET /emails/{id}/attachments', () => {
  const attachment = (overrides: object = {}) => ({
    attachmentId: anId(NOON, 50),
    filename: 'Rechnung Nr. 1.pdf',
    contentType: 'application/pdf',
    objectKey: `attachments/${anId()}/${anId(NOON, 50)}`,
    sizeBytes: 1234,
    ...overrides,
  });
  const fetched = attachment({
    attachmentId: anId(NOON, 51),
    filename: 'logo.png',
    contentType: 'image/png',
    contentId: 'logo',
    objectKey: 'fetched/logo',
    sizeBytes: undefined,
    url: 'https://example.org/logo.png',
  });
  const content = () => ({ ...CONTENT, attachments: [attachment(), fetched] });

  test('gives the SDK links, and the size of what was fetched', async () => {
    world.put(aMessage({ ...KEPT, status: 'sent', attempt: 1 }), content());
    world.objects.set('fetched/logo', new Uint8Array(77));
    const { data } = await resend.emails.attachments.list({ emailId: anId() });
    assert.equal(data?.has_more, false);
    const [first, second] = data?.data ?? [];
    assert.deepEqual(first, {
      id: anId(NOON, 50),
      filename: 'Rechnung Nr. 1.pdf',
      size: 1234,
      content_type: 'application/pdf',
      content_disposition: 'attachment',
      download_url: `https://bucket.example/attachments/${anId()}/${anId(NOON, 50)}?expires=3600&filename=Rechnung%20Nr.%201.pdf`,
      expires_at: '2026-11-23T13:00:00.000Z',
    });
    assert.deepEqual([second?.size, second?.content_id, second?.content_disposition], [77, 'logo', 'inline']);

    const one = await resend.emails.attachments.get({ emailId: anId(), id: anId(NOON, 51) });
    assert.deepEqual(one.data, { object: 'attachment', ...second });
  });

  test('lists attachments in pages', async () => {
    const many = Array.from({ length: 25 }, (_, index) =>
      attachment({ attachmentId: anId(NOON, 100 + index) }),
    );
    world.put(aMessage(KEPT), { ...CONTENT, attachments: many });
    const idsOf = async (options: { limit?: number; after?: string; before?: string }) => {
      const { data } = await resend.emails.attachments.list({ emailId: anId(), ...options } as never);
      return [data?.data.map(({ id }) => id), data?.has_more];
    };
    const ids = many.map(({ attachmentId }) => attachmentId);
    assert.deepEqual(await idsOf({}), [ids.slice(0, 20), true]);
    assert.deepEqual(await idsOf({ limit: 3, after: ids[1] ?? '' }), [ids.slice(2, 5), true]);
    assert.deepEqual(await idsOf({ limit: 3, before: ids[5] ?? '' }), [ids.slice(2, 5), true]);
    assert.deepEqual(await idsOf({ limit: 5, before: ids[5] ?? '' }), [ids.slice(0, 5), false]);
    assert.equal((await get(`/emails/${anId()}/attachments?after=${anId()}`)).body.name, 'invalid_parameter');
  });

  test('leaves out attachments that have not been fetched, without asking the bucket', async () => {
    for (const status of ['accepted', 'failed'] as const) {
      world.put(aMessage({ ...KEPT, status }), content());
      const list = await get(`/emails/${anId()}/attachments`);
      assert.equal(list.body.data.length, 1);
      const one = await get(`/emails/${anId()}/attachments/${anId(NOON, 51)}`);
      assert.equal(one.status, 404);
      assert.match(one.body.message, /has not been fetched/);
    }
  });

  test('lists no attachments where content is not kept, and one alone says so', async () => {
    world.put(aMessage(), content());
    assert.deepEqual((await get(`/emails/${anId()}/attachments`)).body, {
      ...{ object: 'list', has_more: false, data: [] },
    });
    const one = await get(`/emails/${anId()}/attachments/${anId(NOON, 50)}`);
    assert.equal(one.status, 404);
    assert.match(one.body.message, /not kept/);
  });

  test('an attachment of no mail, or one that the mail has not, is not found', async () => {
    assert.equal((await get(`/emails/${anId()}/attachments`)).body.message, 'Email not found');
    world.put(aMessage(KEPT), content());
    const unknown = await get(`/emails/${anId()}/attachments/${anId(NOON, 9)}`);
    assert.equal(unknown.body.message, 'Attachment not found');
    assert.equal((await get(`/emails/${anId()}/attachments/x`)).body.name, 'invalid_parameter');
  });
});
