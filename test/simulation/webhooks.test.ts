import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import type { Webhook } from '../../shared/webhooks/webhook.ts';
import { createVirtualTime, type VirtualTime } from '../support/base/virtual-time.ts';
import { NOON } from '../support/messages/message-builders.ts';
import { aWebhook } from '../support/webhooks/webhook-builders.ts';
import {
  type Arrival,
  createWebhookCloud,
  type Endpoint,
  type WebhookCloudOptions,
} from '../support/webhooks/webhook-cloud.ts';
import { anEvent } from '../support/webhooks/webhook-world.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

const webhookAt = (name: string, number: number): Webhook =>
  aWebhook({
    webhookId: `01a207d9-2101-7000-8000-${String(number).padStart(12, '0')}`,
    endpoint: `https://${name}.example.com/`,
    secrets: [{ secret: `whsec_${Buffer.alloc(32, number).toString('base64')}` }],
  });

const HEALTHY = webhookAt('healthy', 1);
const SLOW = webhookAt('slow', 2);
const DEAD = webhookAt('dead', 3);
const NEW = webhookAt('new', 4);

const answers = (takesMs: number, status = 200): Endpoint => ({
  takesMs: () => takesMs,
  status: () => status,
});

const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  [HEALTHY.endpoint]: answers(50),
  [SLOW.endpoint]: answers(10 * SECOND_MS),
  [DEAD.endpoint]: answers(Infinity),
  [NEW.endpoint]: answers(50),
};

type Cloud = ReturnType<typeof createWebhookCloud>;

function openCloud(overrides: Partial<WebhookCloudOptions> = {}): Cloud & { readonly time: VirtualTime } {
  const time = createVirtualTime(NOON);
  const webhooks = [HEALTHY, SLOW, DEAD, NEW];
  return { time, ...createWebhookCloud({ time, webhooks, endpoints: ENDPOINTS, ...overrides }) };
}

/** So many a second, evenly, from a moment on. */
async function publishEvenly(
  cloud: Cloud & { time: VirtualTime },
  webhook: Webhook,
  perSecond: number,
  forMs: number,
) {
  const { time } = cloud;
  for (let count = 0; count < (perSecond * forMs) / SECOND_MS; count += 1) {
    const createdAtEpochMs = time.clock.nowEpochMs();
    cloud.publish(webhook, anEvent({ fact: `${webhook.webhookId} ${count}`, createdAtEpochMs }));
    await time.sleep(SECOND_MS / perSecond);
  }
}

/** From publishing to the answer, of events that were published in a time. */
function delaysOf(
  { arrivals }: Cloud,
  { endpoint }: Webhook,
  fromMs = 0,
  toMs = Infinity,
): readonly number[] {
  return arrivals
    .filter((arrival) => arrival.endpoint === endpoint)
    .map((arrival) => ({ ...arrival, createdAtEpochMs: Date.parse(JSON.parse(arrival.body).created_at) }))
    .filter(({ createdAtEpochMs }) => createdAtEpochMs >= NOON + fromMs && createdAtEpochMs < NOON + toMs)
    .map(({ atEpochMs, createdAtEpochMs }) => atEpochMs - createdAtEpochMs)
    .sort((one, other) => one - other);
}

const longest = (delays: readonly number[]): number => delays.at(-1) ?? Infinity;

describe('endpoints beside each other', () => {
  const FOR_MS = 5 * MINUTE_MS;
  const LEARNT_MS = MINUTE_MS;

  /** The longest delay of a healthy endpoint after the first minute, beside one that takes ten seconds and one that never answers. */
  async function beside(neighbours: readonly Webhook[], overrides: Partial<WebhookCloudOptions> = {}) {
    const cloud = openCloud(overrides);
    await cloud.time.run(
      Promise.all([HEALTHY, ...neighbours].map((webhook) => publishEvenly(cloud, webhook, 5, FOR_MS))),
    );
    const delays = delaysOf(cloud, HEALTHY, LEARNT_MS, FOR_MS - LEARNT_MS);
    return {
      count: delays.length,
      longestMs: longest(delays),
      first: longest(delaysOf(cloud, HEALTHY, 0, LEARNT_MS)),
    };
  }

  const assertFlat = ({ count, longestMs }: { count: number; longestMs: number }) => {
    assert.equal(count, (5 * (FOR_MS - 2 * LEARNT_MS)) / SECOND_MS);
    assert.ok(longestMs <= aloneMs + 50, `${longestMs} ms, alone ${aloneMs} ms`);
  };

  let aloneMs: number;
  before(async () => {
    aloneMs = (await beside([])).longestMs;
  });

  test('slow and dead endpoints change nothing for a healthy one, but while it is new', async (t) => {
    const together = await beside([SLOW, DEAD]);
    t.diagnostic(
      `alone ${aloneMs} ms, beside both ${together.longestMs} ms, first minute ${together.first} ms`,
    );
    assertFlat(together);
    // Its first events are behind two calls of the others at the most.
    assert.ok(together.first <= 31 * SECOND_MS);
  });

  test('one queue for all of them would delay them', async () => {
    const together = await beside([SLOW, DEAD], { hasOneQueue: true });
    assert.throws(() => assertFlat(together));
  });

  test('a worker that knows nothing of them would delay them, too', async () => {
    const together = await beside([SLOW, DEAD], { isForgetful: true });
    assert.throws(() => assertFlat(together));
  });

  test('an endpoint that falls silent is in the way of others for seconds, and then no more', async (t) => {
    const silentAtMs = 2 * MINUTE_MS;
    const fallsSilent: Endpoint = {
      takesMs: (nowEpochMs) => (nowEpochMs < NOON + silentAtMs ? 50 : Infinity),
      status: () => 200,
    };
    const cloud = openCloud({ endpoints: { ...ENDPOINTS, [DEAD.endpoint]: fallsSilent } });
    await cloud.time.run(
      Promise.all([HEALTHY, DEAD].map((webhook) => publishEvenly(cloud, webhook, 5, FOR_MS))),
    );
    const during = longest(delaysOf(cloud, HEALTHY, silentAtMs, silentAtMs + 20 * SECOND_MS));
    const after = longest(delaysOf(cloud, HEALTHY, silentAtMs + 20 * SECOND_MS, FOR_MS - MINUTE_MS));
    t.diagnostic(`while it falls silent ${during} ms, after that ${after} ms`);
    assert.ok(during <= 3 * SECOND_MS, `${during} ms`);
    assert.ok(after <= 200);
  });

  test('a new endpoint gets its first event soon, beside the backlog of a slow and a dead one', async (t) => {
    const firstDelay = async (overrides: Partial<WebhookCloudOptions> = {}) => {
      const cloud = openCloud(overrides);
      const { time } = cloud;
      const comesLate = async () => {
        await time.sleep(FOR_MS / 2);
        cloud.publish(NEW, anEvent({ fact: 'new', createdAtEpochMs: time.clock.nowEpochMs() }));
        await time.sleep(FOR_MS / 2);
      };
      await time.run(
        Promise.all([
          comesLate(),
          ...[SLOW, DEAD].map((webhook) => publishEvenly(cloud, webhook, 5, FOR_MS)),
        ]),
      );
      return longest(delaysOf(cloud, NEW));
    };
    const delayMs = await firstDelay();
    t.diagnostic(`${delayMs} ms`);
    assert.ok(delayMs <= 16 * SECOND_MS, `${delayMs} ms`);
  });
});

describe('an endpoint that is down', () => {
  const isSignedFor = (webhook: Webhook, { id, headers, body }: Arrival): boolean => {
    const seconds = Number(headers['webhook-timestamp']);
    const expected = new StandardWebhook(webhook.secrets[0]?.secret ?? '').sign(
      id,
      new Date(seconds * 1000),
      body,
    );
    return headers['webhook-signature'] === expected && headers['svix-signature'] === expected;
  };

  /** Ten events at once, and then one every so often. */
  async function publishThrough(
    cloud: Cloud & { time: VirtualTime },
    webhook: Webhook,
    everyMs: number,
    forMs: number,
  ) {
    const ids: string[] = [];
    const publish = () => {
      const createdAtEpochMs = cloud.time.clock.nowEpochMs();
      const event = anEvent({ fact: `event ${ids.length}`, createdAtEpochMs });
      ids.push(event.id);
      cloud.publish(webhook, event);
    };
    for (let count = 0; count < 10; count += 1) publish();
    for (let passedMs = 0; passedMs < forMs; passedMs += everyMs) {
      await cloud.time.sleep(everyMs);
      publish();
    }
    return ids;
  }

  const downFor = (downMs: number): Endpoint => ({
    // In turns it refuses and hangs.
    takesMs: (nowEpochMs) =>
      nowEpochMs < NOON + downMs && Math.floor(nowEpochMs / HOUR_MS) % 2 === 0 ? Infinity : 100,
    status: (nowEpochMs) => (nowEpochMs < NOON + downMs ? 503 : 200),
  });

  test('an outage of 70 hours loses nothing: all is signed, under the ids of before', async (t) => {
    const downMs = 70 * HOUR_MS;
    const cloud = openCloud({ endpoints: { [DEAD.endpoint]: downFor(downMs) } });
    const ids = await cloud.time.run(
      (async () => {
        const published = await publishThrough(cloud, DEAD, 30 * MINUTE_MS, 72 * HOUR_MS);
        await cloud.idle();
        return published;
      })(),
    );
    const { arrivals, world } = cloud;
    const taken = arrivals.filter(({ status }) => status === 200);
    assert.deepEqual(new Set(taken.map(({ id }) => id)), new Set(ids));
    assert.ok(arrivals.every((arrival) => isSignedFor(DEAD, arrival)));
    for (const id of ids) {
      const own = arrivals.filter((arrival) => arrival.id === id);
      assert.equal(new Set(own.map(({ body }) => body)).size, 1);
      assert.ok(own.length <= 10, `${own.length} attempts`);
    }
    assert.ok([...world.deliveries.values()].every(({ state }) => state === 'success'));
    assert.equal(world.deliveries.size, ids.length);
    assert.equal(world.webhooks.get(DEAD.webhookId)?.status, 'enabled');

    const lastMs = Math.max(...taken.map(({ atEpochMs }) => atEpochMs)) - NOON - downMs;
    t.diagnostic(
      `${ids.length} events, ${arrivals.length} attempts, the last ${(lastMs / HOUR_MS).toFixed(1)} h after it was back`,
    );
    assert.ok(lastMs <= 27 * HOUR_MS);
  });

  test('events that were never tried arrive within ten minutes of its end', async () => {
    const downMs = 4 * HOUR_MS;
    const cloud = openCloud({ endpoints: { [DEAD.endpoint]: downFor(downMs) } });
    await cloud.time.run(publishThrough(cloud, DEAD, MINUTE_MS, downMs + HOUR_MS));
    const tried = new Set(cloud.arrivals.filter(({ status }) => status !== 200).map(({ id }) => id));
    const taken = cloud.arrivals.filter(({ status, id }) => status === 200 && !tried.has(id));
    const waited = taken.filter(({ body }) => Date.parse(JSON.parse(body).created_at) < NOON + downMs);
    assert.ok(waited.length > 100, `${waited.length} events waited`);
    assert.ok(Math.max(...waited.map(({ atEpochMs }) => atEpochMs)) <= NOON + downMs + 10 * MINUTE_MS);
  });

  test('more than five days disable it, which says so, and every event says that it failed', async () => {
    const cloud = openCloud({ endpoints: { [DEAD.endpoint]: downFor(Infinity) } });
    const { world, arrivals, time } = cloud;
    const ids = await time.run(
      (async () => {
        const published = await publishThrough(cloud, DEAD, HOUR_MS, 6 * 24 * HOUR_MS);
        await cloud.idle();
        return published;
      })(),
    );
    const { status, disabledReason } = world.webhooks.get(DEAD.webhookId) ?? {};
    assert.deepEqual([status, disabledReason], ['disabled', 'failing_for_5_days']);
    assert.equal(world.metrics.get('WebhooksDisabled'), 1);
    assert.equal(world.metrics.get('WebhookDeliveriesFailed'), ids.length);
    assert.deepEqual([...world.deliveries.values()].map(({ eventId }) => eventId).sort(), ids.toSorted());
    assert.ok([...world.deliveries.values()].every(({ state }) => state === 'failed'));
    const last = Math.max(...arrivals.map(({ atEpochMs }) => atEpochMs)) - NOON;
    assert.ok(last >= 120 * HOUR_MS && last <= 121 * HOUR_MS, `${last / HOUR_MS} h`);
  });
});
