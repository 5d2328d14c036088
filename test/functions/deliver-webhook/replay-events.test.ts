import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { partitionOf } from '../../../shared/event-log/event-block.ts';
import { cursorBehind } from '../../../shared/event-log/log-cursor.ts';
import type { EventLogReader, LogPosition } from '../../../shared/event-log/ports.ts';
import type { PublishedEvent } from '../../../shared/events/published-event.ts';
import type { ReplayJob, WebhookJob } from '../../../shared/webhooks/contract/webhook-job.ts';
import type { DeliveryState } from '../../../shared/webhooks/ports.ts';
import { NOON } from '../../support/messages/message-builders.ts';
import { aDelivery, aWebhook } from '../../support/webhooks/webhook-builders.ts';
import { anEvent, createWebhookWorld, type WebhookWorld } from '../../support/webhooks/webhook-world.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const WEBHOOK = aWebhook({ events: ['email.delivered', 'email.bounced'] });

const aReplay = (overrides: Partial<ReplayJob> = {}): ReplayJob => ({
  ...{ version: 2, kind: 'replay', tenant: 'default', webhookId: WEBHOOK.webhookId, which: 'all' },
  ...{ fromEpochMs: NOON, untilEpochMs: NOON + HOUR_MS, queue: 'slow', waits: 0 },
  ...overrides,
});

const published = (createdAtEpochMs: number, type = 'email.delivered'): PublishedEvent =>
  ({
    ...anEvent({ fact: `at ${createdAtEpochMs}`, createdAtEpochMs, type }),
    tenant: 'default',
  }) as PublishedEvent;

/** Blocks of three events, the first of them number 1, each appended as it happened. */
function aLog(events: readonly PublishedEvent[]): Pick<EventLogReader, 'seek' | 'read' | 'get'> {
  const blocks = Array.from({ length: Math.ceil(events.length / 3) }, (_, n) => ({
    number: n + 1,
    events: events.slice(n * 3, n * 3 + 3),
  }));
  const isLater = (epochMs: number) => (event: PublishedEvent) => Date.parse(event.createdAt) >= epochMs;
  return {
    async seek(_tenant, epochMs) {
      const found = blocks.find((block) => block.events.some(isLater(epochMs)));
      return { block: found?.number ?? blocks.length + 1, index: 0 };
    },
    async read(_tenant, cursor = { block: 1, index: 0 }, { maxBlocks }) {
      const ahead = blocks.filter(({ number }) => number >= cursor.block);
      const read = ahead
        .slice(0, maxBlocks)
        .flatMap(({ number, events: own }) =>
          own.map((event, index) => ({ event, after: cursorBehind(number, index, own.length) })),
        );
      const next = read.at(-1)?.after ?? cursor;
      return { events: read.slice(cursor.index), next, hasMore: ahead.length > maxBlocks };
    },
    async get(_tenant, { block, index }) {
      return blocks[block - 1]?.events[index];
    },
  };
}

/** In such a log. */
const positionOf = (place: number): LogPosition => {
  const block = Math.floor(place / 3) + 1;
  return { partition: partitionOf(block), block, index: place % 3 };
};

/** Replays until nothing is left to replay; answers the events it has queued and the jobs it took. */
async function replayAll(world: WebhookWorld, job: ReplayJob) {
  const { run } = world.openProcess();
  const queued: WebhookJob[] = [];
  let next: ReplayJob | undefined = job;
  let jobs = 0;
  while (next !== undefined) {
    await run(next);
    jobs += 1;
    const taken = world.queued.splice(0).map((entry) => entry.job);
    queued.push(...taken.filter((each): each is WebhookJob => each.kind === 'deliver'));
    next = taken.find((each): each is ReplayJob => each.kind === 'replay');
  }
  return { queued, jobs, ids: queued.map(({ event }) => event.id) };
}

describe('a replay of a time range', () => {
  const minutes = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, n) => NOON + (from + n) * MINUTE_MS);

  test('a replay queues every event of its time that the webhook subscribes to, in order', async () => {
    const wanted = [published(NOON), published(NOON + 1, 'email.bounced'), published(NOON + HOUR_MS - 1)];
    const others = [published(NOON - 1), published(NOON + 2, 'email.opened'), published(NOON + HOUR_MS)];
    const all = [...wanted, ...others].sort((one, other) => (one.id < other.id ? -1 : 1));
    const world = createWebhookWorld({ webhooks: [WEBHOOK], eventLog: aLog(all) });
    const { queued } = await replayAll(world, aReplay());
    assert.deepEqual(
      queued,
      wanted.map((event) => {
        const place = all.indexOf(event);
        const { id, type, createdAt, data } = event;
        return {
          ...{ version: 2, kind: 'deliver', tenant: 'default', webhookId: WEBHOOK.webhookId },
          event: { id, type, createdAt, data },
          position: positionOf(place),
          ...{ attempts: 0, queue: 'slow', waits: 0, isReplay: true },
        };
      }),
    );
  });

  test('a replay goes on in a job of its own for each page, and finds every event once', async () => {
    const events = Array.from({ length: 500 }, (_, n) => published(NOON + n * 1_000));
    const world = createWebhookWorld({ webhooks: [WEBHOOK], eventLog: aLog(events) });
    const { ids, jobs } = await replayAll(world, aReplay());
    assert.deepEqual(
      ids,
      events.map(({ id }) => id),
    );
    assert.equal(jobs, 34);
  });

  test('a replay looks an hour longer for what was told late, and no further', async () => {
    const late = published(NOON + 30 * MINUTE_MS);
    const events = [...minutes(0, 30), ...minutes(60, 110)].map((time) => published(time));
    const past = minutes(120, 1_000).map((time) => published(time));
    const world = createWebhookWorld({ webhooks: [WEBHOOK], eventLog: aLog([...events, late, ...past]) });
    const { ids, jobs } = await replayAll(world, aReplay());
    assert.deepEqual(
      ids,
      [...events.slice(0, 30), late].map(({ id }) => id),
    );
    assert.equal(jobs, 6);
  });

  test('a replay waits as a copy of itself while the log cannot be read', async () => {
    const world = createWebhookWorld({ webhooks: [WEBHOOK], eventLog: aLog([published(NOON)]) });
    world.down.add('enqueueAll:slow');
    await world.openProcess().run(aReplay({ waits: 1 }));
    assert.deepEqual(world.queued, [{ queue: 'slow', job: aReplay({ waits: 2 }), delaySeconds: 10 }]);
  });

  test('a replay is dropped where the webhook is disabled or gone', async () => {
    for (const webhooks of [[], [aWebhook({ status: 'disabled' })]]) {
      const world = createWebhookWorld({ webhooks, eventLog: aLog([published(NOON)]) });
      await world.openProcess().run(aReplay());
      assert.deepEqual(world.queued, []);
    }
  });
});

describe('a replay of what failed', () => {
  function aWorld(
    count: number,
    stateOf: (n: number) => DeliveryState,
    isKept: (n: number) => boolean = () => true,
  ) {
    const events = Array.from({ length: count }, (_, n) => published(NOON + n * 1_000));
    const log = aLog(events);
    const world = createWebhookWorld({
      webhooks: [WEBHOOK],
      eventLog: {
        ...log,
        get: (tenant, position) =>
          isKept((position.block - 1) * 3 + position.index)
            ? log.get(tenant, position)
            : Promise.resolve(undefined),
      },
    });
    events.forEach(({ id, createdAt, type }, n) => {
      const position = positionOf(n);
      const delivery = aDelivery({ eventId: id, createdAt, type, position, state: stateOf(n) });
      world.deliveries.set(`${WEBHOOK.webhookId} ${id}`, delivery);
    });
    return { world, events };
  }

  test('a replay of failures queues what has failed in the time, from the log, page by page', async () => {
    const { world, events } = aWorld(500, (n) => (n % 2 === 0 ? 'failed' : 'success'));
    const range = { fromEpochMs: NOON + 100_000, untilEpochMs: NOON + 400_000 };
    const { queued, jobs } = await replayAll(world, aReplay({ which: 'failed', ...range }));
    const wanted = events.filter((_, n) => n % 2 === 0 && n >= 100 && n < 400);
    assert.deepEqual(
      queued.map(({ event }) => event.id).sort(),
      wanted.map(({ id }) => id),
    );
    assert.ok(
      queued.every(({ attempts, isReplay, queue }) => attempts === 0 && isReplay && queue === 'slow'),
    );
    assert.ok(jobs <= 4, `${jobs} jobs`);
  });

  test('a replay of failures leaves out what is on its way, and what the log has forgotten', async () => {
    const states: readonly DeliveryState[] = ['failed', 'pending', 'attempting', 'failed', 'success'];
    const { world, events } = aWorld(
      5,
      (n) => states[n] ?? 'failed',
      (n) => n !== 3,
    );
    const { ids } = await replayAll(world, aReplay({ which: 'failed' }));
    assert.deepEqual(ids, [events[0]?.id]);
    assert.ok(world.events.includes('events_expired'));
  });
});
