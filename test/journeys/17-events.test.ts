import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createParser } from 'eventsource-parser';
import { Resend, type WebhookEvent } from 'resend';
import { Webhook as SvixWebhook } from 'svix';
import { eventually } from '../support/base/eventually.ts';
import { request, send, showEmail } from '../support/journeys/journey.ts';
import { startTestCloud, type TestCloud } from '../support/journeys/local-cloud.ts';
import { type LoggedEvent, readLog, untilPublished } from '../support/journeys/published.ts';
import { startEndpoint } from '../support/webhooks/webhook-endpoint.ts';

/** From a mail that is sent to everybody who is told of it: through the log, a webhook, the live tail and the bus. */
describe('what happens to mail', () => {
  let cloud: TestCloud;
  let resend: Resend;
  let endpoint: Awaited<ReturnType<typeof startEndpoint>>;

  before(async () => {
    endpoint = await startEndpoint();
    cloud = await startTestCloud({
      config: {
        // Whoever leaves keeps a place for a while: Lambda does not tell that a viewer left.
        liveTail: { viewers: 2 },
        streams: { transactional: { kind: 'transactional', ratePercent: 100, eventBus: true } },
      },
    });
    resend = new Resend(cloud.apiKey, { baseUrl: cloud.url });
  });
  after(async () => {
    await cloud.close();
    await endpoint.close();
  });

  const typesOf = (events: readonly LoggedEvent[], emailId: string) =>
    events.flatMap(({ type, data }) => (data.email_id === emailId ? [type] : []));
  const isDelivered = (id: string) =>
    eventually(async () => assert.equal((await showEmail(cloud, id)).body.last_event, 'delivered'));

  test('events reach a webhook that the SDK makes, verifies, looks through and asks again', async () => {
    const events: WebhookEvent[] = ['email.delivered', 'email.bounced'];
    const { data: made } = await resend.webhooks.create({ endpoint: endpoint.url, events });
    const { id: webhookId = '', signing_secret: webhookSecret = '' } = made ?? {};
    const { data: sent } = await resend.emails.send({
      ...{
        from: 'Shop <shop@example.com>',
        to: 'reader@example.org',
        subject: 'Your order',
        text: 'Thanks.',
      },
      tags: [{ name: 'kind', value: 'order' }],
    });
    await eventually(async () => assert.equal(endpoint.seen.length, 1));

    const { headers, body } = endpoint.seen[0] ?? { headers: {}, body: '' };
    const [id, timestamp, signature] = ['id', 'timestamp', 'signature'].map(
      (name) => `${headers[`svix-${name}`]}`,
    );
    const told = resend.webhooks.verify({
      ...{ payload: body, webhookSecret },
      headers: { id: `${id}`, timestamp: `${timestamp}`, signature: `${signature}` },
    });
    assert.ok(told.type === 'email.delivered');
    assert.deepEqual([told.data.email_id, told.data.tags], [sent?.id, { kind: 'order' }]);
    new SvixWebhook(webhookSecret).verify(body, headers as Record<string, string>);
    assert.throws(() =>
      new SvixWebhook(webhookSecret).verify(body.replace('order', 'odder'), headers as never),
    );

    const eventId = `${id}`;
    await eventually(async () => {
      const { data: list } = await resend.webhooks.events.list({ webhookId });
      assert.deepEqual(
        list?.data.map((each) => [each.id, each.status]),
        [[eventId, 'success']],
      );
    });
    const { data: shown } = await resend.webhooks.events.get({ webhookId, eventId });
    assert.equal(shown?.id, eventId);
    const { data: attempts } = await resend.webhooks.events.attempts.list({ webhookId, eventId });
    assert.equal(attempts?.data.length, 1);

    assert.equal((await resend.webhooks.events.replay({ webhookId, eventId })).error, null);
    await eventually(async () => assert.equal(endpoint.seen.length, 2));
    assert.equal(endpoint.seen[1]?.headers['svix-id'], eventId);
  });

  test('an event is in the log once, in order, with no help of the clock, and reading goes on at the cursor', async () => {
    const { body: before } = await request(cloud, 'GET', '/event-log?limit=100');
    const ids: string[] = [];
    for (let n = 0; n < 5; n += 1) ids.push(await send(cloud, { to: `log-${n}@example.org` }));
    const bounced = await send(cloud, { to: 'bounce@simulator.amazonses.com' });
    for (const id of ids) await isDelivered(id);

    await eventually(async () => {
      const { body } = await request(cloud, 'GET', `/event-log?email_id=${ids[4]}`);
      assert.deepEqual(typesOf(body.data as LoggedEvent[], `${ids[4]}`), ['email.sent', 'email.delivered']);
    });
    await eventually(async () => assert.equal((await showEmail(cloud, bounced)).body.last_event, 'bounced'));
    await untilPublished(cloud);

    const after = encodeURIComponent(String(before.next));
    const seen: LoggedEvent[] = [];
    for (let cursor = after, goesOn = true; goesOn; ) {
      const { body } = await request(cloud, 'GET', `/event-log?limit=3&after=${cursor}`);
      seen.push(...(body.data as LoggedEvent[]));
      cursor = encodeURIComponent(String(body.next));
      goesOn = body.has_more === true;
    }
    for (const id of ids) assert.deepEqual(typesOf(seen, id), ['email.sent', 'email.delivered']);
    assert.deepEqual(typesOf(seen, bounced), ['email.sent', 'email.bounced']);
    assert.ok(seen.some(({ type }) => type === 'suppression.added'));

    const whole = await readLog(cloud);
    assert.equal(new Set(whole.map(({ id }) => id)).size, whole.length);
    assert.deepEqual(whole.slice(-seen.length), seen);
    const { body: bad } = await request(cloud, 'GET', '/event-log?after=yesterday');
    assert.deepEqual([bad.statusCode, bad.name], [422, 'invalid_parameter']);
  });

  test('events are seen live, with the same filters, and resumed where a viewer left', async () => {
    const watch = async (lastEventId?: string) => {
      const leave = new AbortController();
      const answer = await fetch(`${cloud.url}/event-log/stream?type=email.delivered`, {
        headers: {
          authorization: `Bearer ${cloud.apiKey}`,
          ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
        },
        signal: leave.signal,
      });
      assert.equal(answer.status, 200, await (answer.ok ? '' : answer.text()));
      assert.match(answer.headers.get('content-type') ?? '', /^text\/event-stream/);
      const events: { cursor: string; event: LoggedEvent }[] = [];
      const parser = createParser({
        onEvent: ({ id = '', data }) => void events.push({ cursor: id, event: JSON.parse(data) }),
      });
      const reading = (async () => {
        for await (const text of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) parser.feed(text);
      })().catch(() => undefined);
      const stop = async () => {
        leave.abort();
        await reading;
      };
      return { events, leave: stop };
    };

    const first = await watch();
    const seen = await send(cloud, { to: 'seen@example.org' });
    await eventually(async () =>
      assert.deepEqual(
        typesOf(
          first.events.map(({ event }) => event),
          seen,
        ),
        ['email.delivered'],
      ),
    );
    await first.leave();

    const missed = await send(cloud, { to: 'missed@example.org' });
    await isDelivered(missed);
    await untilPublished(cloud);
    const second = await watch(first.events.at(-1)?.cursor);
    await eventually(async () =>
      assert.deepEqual(
        second.events.map(({ event }) => event.data.email_id),
        [missed],
      ),
    );
    await second.leave();
  });

  test('events are on the bus of a stream that asks for them, and counted', async () => {
    const { operations } = await cloud.usage();
    assert.ok(
      operations.some((each) => each.function === 'publish-events' && each.operation === 'PutEvents'),
    );
    const { body } = await request(cloud, 'GET', '/emails/metrics');
    const { sent, delivered } = body.totals as Record<string, number>;
    assert.deepEqual({ sent, delivered }, { sent: 9, delivered: 8 });
  });
});
