import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createStreams } from '../../../shared/streams/stream.ts';
import type { Webhook } from '../../../shared/webhooks/webhook.ts';
import {
  ACCEPTED_AT_EPOCH_MS,
  buildAccepted,
  buildFact,
  buildMessage,
} from '../../support/messages/delivery-builders.ts';
import { createPublishWorld } from '../../support/outbox/publish-world.ts';
import { factRecord, rowRecord, suppressionRecord } from '../../support/outbox/stream-records.ts';
import { aStream } from '../../support/streams/stream-builders.ts';

const AT = ACCEPTED_AT_EPOCH_MS + 5_000;
const SENDING = buildAccepted({ status: 'sending', attempt: 1 });
const SENT = buildMessage();
const BATCH = [rowRecord(SENDING, SENT, AT), factRecord(buildFact(), AT)];

const aWebhook = (overrides: Partial<Webhook> = {}): Webhook => ({
  webhookId: 'w-1',
  tenant: 'default',
  endpoint: 'https://hooks.example.net/in',
  events: ['email.sent', 'email.delivered'],
  status: 'enabled',
  secrets: [],
  createdAt: '2026-11-23T09:00:00.000Z',
  ...overrides,
});

describe('publish-events', () => {
  test('logs events before it hands them on, and tells where each stands in the log', async () => {
    const world = createPublishWorld([SENT]);
    world.webhooks.push(aWebhook());
    await world.receive(...BATCH);
    assert.deepEqual(world.types(), ['email.sent', 'email.delivered']);
    assert.deepEqual(
      world.jobs.map(({ webhookId, event, position, attempts, queue }) => ({
        ...{ webhookId, id: event.id, position, attempts, queue },
      })),
      world.events.map(({ id }, index) => ({
        ...{ webhookId: 'w-1', id, position: { partition: 0, block: index + 1, index: 0 } },
        ...{ attempts: 0, queue: 'quick' },
      })),
    );
    assert.ok(world.calls.indexOf('appended') < world.calls.indexOf('webhooks'));
  });

  test('a webhook gets the events it asked for, while it is enabled, of its own tenant', async () => {
    const world = createPublishWorld([SENT]);
    world.webhooks.push(
      aWebhook({ webhookId: 'delivered', events: ['email.delivered'] }),
      aWebhook({ webhookId: 'off', status: 'disabled' }),
      aWebhook({ webhookId: 'other', tenant: 'acme' }),
      aWebhook({ webhookId: 'none', events: ['contact.created'] }),
    );
    await world.receive(...BATCH);
    assert.deepEqual(
      world.jobs.map(({ webhookId, event }) => `${webhookId} ${event.type}`),
      ['delivered email.delivered'],
    );
  });

  test('a batch that comes again logs nothing twice and hands everything over again', async () => {
    const world = createPublishWorld([SENT]);
    world.webhooks.push(aWebhook());
    await world.receive(...BATCH);
    await world.receive(...BATCH);
    assert.equal(world.events.length, 2);
    assert.deepEqual(
      world.jobs.map(({ event }) => event.id),
      [...world.events, ...world.events].map(({ id }) => id),
    );
  });

  for (const step of ['append', 'appended', 'webhooks', 'webhookQueue'])
    test(`fails the whole batch where ${step} fails, and loses nothing when it comes again`, async () => {
      const world = createPublishWorld([SENT]);
      world.webhooks.push(aWebhook());
      world.downOnce.add(step);
      await assert.rejects(world.receive(...BATCH));
      await world.receive(...BATCH);
      assert.deepEqual(world.types(), ['email.sent', 'email.delivered']);
      assert.deepEqual([...new Set(world.jobs.map(({ event }) => event.type))], world.types());
    });

  test('the same open stays the first one of its mail when records are repeated', async () => {
    const world = createPublishWorld([SENT]);
    const opened = (occurredAt: string) =>
      factRecord(buildFact({ kind: 'opened', occurredAt, discriminator: occurredAt }), AT);
    const first = opened('2026-11-23T10:00:07.000Z');
    world.downOnce.add('append');
    await assert.rejects(world.receive(first));
    await world.receive(first, opened('2026-11-23T10:00:09.000Z'));
    assert.deepEqual(
      world.events.map(({ isFirst }) => isFirst),
      [true, undefined],
    );
  });

  test('the bus gets the events of streams that ask for it, and events about no mail beside them', async () => {
    const streams = createStreams({
      defaultStream: 'transactional',
      streams: [aStream(), aStream({ name: 'news', eventBus: true })],
    });
    const world = createPublishWorld([SENT], streams);
    const news = buildMessage({ stream: 'news' });
    const entry = {
      ...{ suppressionId: 's-1', address: 'a@example.net', origin: 'manual' as const },
      createdAt: '2026-11-23T10:00:00.000Z',
    } as const;
    await world.receive(
      ...[rowRecord(SENDING, SENT, AT), rowRecord(SENDING, news, AT)],
      suppressionRecord('account', { after: entry }, AT),
    );
    assert.deepEqual(
      world.onBus.map(({ type, stream }) => `${type} ${stream}`),
      ['email.sent news', 'suppression.added undefined'],
    );
  });
});
