import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import type { WebhookJob } from '../../../shared/webhooks/contract/webhook-job.ts';
import type { WebhookHealth } from '../../../shared/webhooks/webhook-health.ts';
import { NOON } from '../../support/messages/message-builders.ts';
import { aWebhook } from '../../support/webhooks/webhook-builders.ts';
import {
  anEvent,
  answered,
  aWebhookJob,
  createWebhookWorld,
  noAnswer,
  type WebhookWorld,
} from '../../support/webhooks/webhook-world.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const WEBHOOK = aWebhook();
const QUICK: WebhookHealth = { isQuick: true, failures: 0 };

const healthOf = ({ healths }: WebhookWorld) => healths.get(WEBHOOK.webhookId);
const know = ({ healths }: WebhookWorld, health: WebhookHealth) => healths.set(WEBHOOK.webhookId, health);
const isoAt = (epochMs: number) => new Date(epochMs).toISOString();

describe('deliver-webhook', () => {
  test('hands an event over as the contract has it, signed, under its own id', async () => {
    const world = createWebhookWorld();
    const job = aWebhookJob();
    await world.openProcess().runAndFlush(job);
    const [call] = world.calls;
    assert.equal(call?.endpoint, WEBHOOK.endpoint);
    assert.deepEqual(JSON.parse(call?.body ?? ''), {
      type: 'email.delivered',
      created_at: '2026-11-23T12:00:00.000Z',
      data: { email_id: 'a fact', to: ['reader@example.org'] },
    });
    const signature = new StandardWebhook(WEBHOOK.secrets[0]?.secret ?? '').sign(
      job.event.id,
      new Date(NOON),
      call?.body ?? '',
    );
    assert.equal(call?.headers['svix-id'], job.event.id);
    assert.equal(call?.headers['webhook-signature'], signature);
  });

  test('records successes at the first attempt together, at the end of the batch, one write for each webhook', async () => {
    const other = aWebhook({ webhookId: '01a207d9-2101-7000-8000-00000000000b' });
    const world = createWebhookWorld({ webhooks: [WEBHOOK, other] });
    const { run, flush } = world.openProcess();
    const jobs = [1, 2, 3].map((n) => aWebhookJob({ event: anEvent({ fact: `fact ${n}` }) }));
    await Promise.all([...jobs, aWebhookJob({ webhookId: other.webhookId })].map((job) => run(job)));
    assert.equal(world.deliveries.size, 0);
    await flush();
    assert.equal(world.reached.filter((name) => name === 'putSuccesses').length, 2);
    const delivery = world.deliveryOf(jobs[0] as WebhookJob);
    assert.equal(delivery?.state, 'success');
    assert.deepEqual(delivery?.position, { partition: 0, block: 1, index: 2 });
    const [{ attemptId, ...attempt } = { attemptId: '' }] = delivery?.attempts ?? [];
    assert.match(attemptId, /^[\da-f-]{36}$/);
    assert.deepEqual(attempt, { httpStatusCode: 200, response: 'ok', sentAt: isoAt(NOON) });
    await flush();
    assert.equal(world.reached.filter((name) => name === 'putSuccesses').length, 2);
  });

  test('settles a delivered event where it could not be recorded, and says so', async () => {
    const world = createWebhookWorld();
    world.down.add('putSuccesses').add('putDelivery');
    await world.openProcess().runAndFlush(aWebhookJob());
    await world.openProcess().runAndFlush(aWebhookJob({ attempts: 2 }));
    assert.equal(world.calls.length, 2);
    assert.deepEqual(world.queued, []);
    assert.deepEqual(world.events, ['delivery_not_recorded', 'delivery_not_recorded']);
  });

  test('costs an endpoint that works one read of it and no write but the successes', async () => {
    const world = createWebhookWorld();
    know(world, QUICK);
    const { run, flush } = world.openProcess();
    await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        run(aWebhookJob({ queue: 'quick', event: anEvent({ fact: `${n}` }) })),
      ),
    );
    await flush();
    const costly = world.reached.filter((name) => !['findHealth', 'call'].includes(name));
    assert.deepEqual(costly, ['getWebhook', 'putSuccesses']);
    assert.equal(world.calls.length, 10);
  });

  describe('a failed attempt', () => {
    test('another one follows within seconds, as a delayed copy for the slow queue, and it is recorded', async () => {
      const world = createWebhookWorld({ answer: () => answered(500, { body: 'oops' }) });
      const job = aWebhookJob({ queue: 'slow', waits: 3 });
      await world.openProcess().runAndFlush(job);
      assert.deepEqual(world.queued, [
        { queue: 'slow', job: { ...job, queue: 'slow', attempts: 1, waits: 0 }, delaySeconds: 5 },
      ]);
      const delivery = world.deliveryOf(job);
      assert.equal(delivery?.state, 'pending');
      assert.equal(delivery?.nextAttemptAt, isoAt(NOON + 5_000));
      assert.deepEqual(
        delivery?.attempts.map(({ httpStatusCode, response }) => [httpStatusCode, response]),
        [[500, 'oops']],
      );
    });

    test('a due row follows where the next is more than 15 minutes away', async () => {
      const world = createWebhookWorld({ answer: () => noAnswer });
      const job = aWebhookJob({ attempts: 3 });
      await world.openProcess().runAndFlush(job);
      assert.deepEqual(world.queued, []);
      assert.deepEqual(world.dueRows, [
        { dueEpochMs: NOON + 2 * HOUR_MS, work: { queue: 'webhook', job: { ...job, attempts: 4 } } },
      ]);
      const [attempt] = world.deliveryOf(job)?.attempts ?? [];
      assert.deepEqual([attempt?.httpStatusCode, attempt?.response], [0, 'it did not arrive in time']);
    });

    test('waits as long as a busy endpoint asks for', async () => {
      for (const [retryAfter, status] of [
        ['600', 429],
        ['Mon, 23 Nov 2026 12:10:00 GMT', 503],
      ] as const) {
        const world = createWebhookWorld({ answer: () => answered(status, { retryAfter }) });
        await world.openProcess().runAndFlush(aWebhookJob());
        assert.equal(world.queued[0]?.delaySeconds, 600);
      }
    });

    test('the tenth is the end of the event', async () => {
      const world = createWebhookWorld({ answer: () => answered(302) });
      const job = aWebhookJob({ attempts: 9 });
      await world.openProcess().runAndFlush(job);
      assert.deepEqual([world.queued, world.dueRows], [[], []]);
      assert.equal(world.deliveryOf(job)?.state, 'failed');
      assert.equal(world.metrics.get('WebhookDeliveriesFailed'), 1);
    });

    test('the event is on its way again when the records cannot be written', async () => {
      for (const broken of ['putDelivery', 'findHealth', 'changeHealth']) {
        const world = createWebhookWorld({ answer: () => answered(500) });
        const process = world.openProcess();
        const { answer } = world;
        world.answer = (call) => {
          world.down.add(broken);
          return answer(call);
        };
        await process.runAndFlush(aWebhookJob());
        const [next, ...others] = world.queued;
        assert.equal(others.length, 0, broken);
        assert.deepEqual(next?.job, aWebhookJob({ attempts: 1 }), broken);
      }
    });
  });

  describe('an endpoint that is gone', () => {
    test('410 disables it with its reason, and its event fails', async () => {
      const world = createWebhookWorld({ answer: () => answered(410) });
      const process = world.openProcess();
      await process.runAndFlush(aWebhookJob());
      const { status, disabledReason } = world.webhooks.get(WEBHOOK.webhookId) ?? {};
      assert.deepEqual([status, disabledReason], ['disabled', 'gone']);
      assert.equal(world.deliveryOf(aWebhookJob())?.state, 'failed');
      assert.equal(world.metrics.get('WebhooksDisabled'), 1);

      const later = aWebhookJob({ event: anEvent({ fact: 'later' }) });
      await process.runAndFlush(later);
      assert.equal(world.calls.length, 1);
      assert.equal(world.deliveryOf(later)?.state, 'failed');
      assert.deepEqual([world.queued, world.dueRows], [[], []]);
    });

    test('another worker that disabled it is heard of within five seconds', async () => {
      const world = createWebhookWorld();
      const process = world.openProcess();
      await process.runAndFlush(aWebhookJob());
      world.webhooks.set(WEBHOOK.webhookId, { ...WEBHOOK, status: 'disabled' });
      world.now.epochMs += 5_000;
      await process.runAndFlush(aWebhookJob());
      assert.equal(world.calls.length, 1);
    });

    test('a deletion forgets all that waits for it', async () => {
      const world = createWebhookWorld({ webhooks: [] });
      await world.openProcess().runAndFlush(aWebhookJob({ attempts: 4 }));
      assert.deepEqual([world.calls, world.queued, world.dueRows, world.deliveries.size], [[], [], [], 0]);
    });
  });

  describe('an endpoint that has failed for five days', () => {
    const failing: WebhookHealth = {
      ...{ isQuick: false, failures: 30, failingSinceEpochMs: NOON - 5 * DAY_MS },
      lastFailureEpochMs: NOON - HOUR_MS,
      breaker: { openings: 9, openUntilEpochMs: NOON - 1 },
    };

    test('the next failure disables it, and says so', async () => {
      const world = createWebhookWorld({ answer: () => answered(500) });
      know(world, failing);
      const job = aWebhookJob({ attempts: 2 });
      await world.openProcess().runAndFlush(job);
      const { status, disabledReason } = world.webhooks.get(WEBHOOK.webhookId) ?? {};
      assert.deepEqual([status, disabledReason], ['disabled', 'failing_for_5_days']);
      assert.ok(world.events.includes('webhook_disabled'));
      assert.equal(world.metrics.get('WebhooksDisabled'), 1);
      assert.equal(world.deliveryOf(job)?.state, 'failed');
      assert.deepEqual([world.queued, world.dueRows], [[], []]);
    });

    test('a success does not disable it', async () => {
      const world = createWebhookWorld();
      know(world, failing);
      await world.openProcess().runAndFlush(aWebhookJob());
      assert.equal(world.webhooks.get(WEBHOOK.webhookId)?.status, 'enabled');
      assert.deepEqual(healthOf(world), QUICK);
    });

    test('disables no webhook where another endpoint has been named meanwhile', async () => {
      const corrected = 'https://corrected.example.com/';
      for (const status of [410, 500]) {
        const world = createWebhookWorld({
          answer: ({ endpoint }) => {
            world.webhooks.set(WEBHOOK.webhookId, { ...WEBHOOK, endpoint: corrected });
            return answered(endpoint === corrected ? 200 : status);
          },
        });
        know(world, failing);
        await world.openProcess().runAndFlush(aWebhookJob({ attempts: 2 }));
        assert.equal(world.webhooks.get(WEBHOOK.webhookId)?.status, 'enabled');
      }
    });

    test('it is disabled once, as one that is gone is, though many find out together', async () => {
      const world = createWebhookWorld({ answer: () => answered(410) });
      const process = world.openProcess();
      const jobs = Array.from({ length: 10 }, (_, n) => aWebhookJob({ event: anEvent({ fact: `${n}` }) }));
      await Promise.all(jobs.map((job) => process.run(job)));
      for (const job of jobs) assert.equal(world.deliveryOf(job)?.state, 'failed');
      assert.equal(world.metrics.get('WebhooksDisabled'), 1);
    });
  });

  describe('the quick queue', () => {
    test('hands an event over, without an attempt, where the endpoint is not known to be quick', async () => {
      for (const health of [undefined, { isQuick: false, failures: 1 }]) {
        const world = createWebhookWorld();
        if (health !== undefined) know(world, health);
        const job = aWebhookJob({ queue: 'quick' });
        await world.openProcess().runAndFlush(job);
        assert.deepEqual(world.queued, [{ queue: 'slow', job: { ...job, queue: 'slow' }, delaySeconds: 0 }]);
        assert.deepEqual(world.calls, []);
      }
    });

    test('an endpoint comes into it once its first event got through in time', async () => {
      const world = createWebhookWorld();
      const process = world.openProcess();
      await process.runAndFlush(aWebhookJob());
      await process.runAndFlush(aWebhookJob({ queue: 'quick', event: anEvent({ fact: 'second' }) }));
      assert.equal(world.calls.length, 2);
      assert.deepEqual(world.queued, []);
    });

    test('the quick queue hangs up on an endpoint that is silent for two seconds, and leaves it to the slow one', async () => {
      const world = createWebhookWorld({
        answer: ({ timeLimitMs }) => (timeLimitMs < 15_000 ? noAnswer : answered(200)),
      });
      know(world, QUICK);
      const job = aWebhookJob({ queue: 'quick' });
      const process = world.openProcess();
      await process.runAndFlush(job);
      assert.equal(healthOf(world)?.isQuick, false);
      assert.deepEqual(world.queued, [{ queue: 'slow', job: { ...job, queue: 'slow' }, delaySeconds: 0 }]);
      assert.equal(world.deliveryOf(job), undefined);

      await process.runAndFlush({ ...job, queue: 'slow' });
      assert.deepEqual(
        world.calls.map(({ timeLimitMs }) => timeLimitMs),
        [2_000, 15_000],
      );
      assert.equal(world.deliveryOf(job)?.state, 'success');
    });

    test('loses nothing where a silence cannot be recorded', async () => {
      const world = createWebhookWorld({ answer: () => noAnswer });
      know(world, QUICK);
      world.down.add('changeHealth');
      const job = aWebhookJob({ queue: 'quick' });
      await world.openProcess().runAndFlush(job);
      assert.deepEqual(world.queued, [{ queue: 'slow', job: { ...job, queue: 'slow' }, delaySeconds: 0 }]);
    });

    test('counts what fails in time as an attempt', async () => {
      const world = createWebhookWorld({ answer: () => answered(500) });
      know(world, QUICK);
      await world.openProcess().runAndFlush(aWebhookJob({ queue: 'quick' }));
      assert.equal(world.deliveryOf(aWebhookJob())?.attempts.length, 1);
    });
  });

  describe('an open breaker', () => {
    const open = (untilEpochMs: number): WebhookHealth => ({
      ...{ isQuick: false, failures: 5, failingSinceEpochMs: NOON - 60_000, lastFailureEpochMs: NOON - 1 },
      breaker: { openings: 1, openUntilEpochMs: untilEpochMs },
    });

    test('an open breaker puts jobs back without an attempt', async () => {
      const world = createWebhookWorld();
      know(world, open(NOON + 5_000));
      const job = aWebhookJob({ attempts: 1 });
      await world.openProcess().runAndFlush(job);
      assert.deepEqual(world.queued, [{ queue: 'slow', job: { ...job, waits: 1 }, delaySeconds: 5 }]);
      assert.deepEqual(world.calls, []);
    });

    test('an open breaker lets one of two processes through once it may, and the other waits', async () => {
      const world = createWebhookWorld({ answer: () => answered(500) });
      know(world, open(NOON));
      const jobs = [1, 2, 3, 4].map((n) => aWebhookJob({ event: anEvent({ fact: `${n}` }) }));
      const processes = [world.openProcess(), world.openProcess()];
      await Promise.all(jobs.map((job, index) => processes[index % 2]?.run(job)));
      assert.equal(world.calls.length, 1);
      assert.equal(world.queued.length, 4);
      assert.equal(world.queued.filter(({ job }) => (job as WebhookJob).attempts === 1).length, 1);
      assert.equal(healthOf(world)?.breaker?.openings, 2);
    });

    test('an open breaker closes with the first success, and everything flows', async () => {
      const world = createWebhookWorld();
      know(world, open(NOON));
      const process = world.openProcess();
      await process.runAndFlush(aWebhookJob());
      await process.runAndFlush(aWebhookJob({ event: anEvent({ fact: 'second' }) }));
      assert.equal(world.calls.length, 2);
      assert.deepEqual(healthOf(world), QUICK);
    });

    test('a breaker opens with five failures', async () => {
      const world = createWebhookWorld({ answer: () => answered(500) });
      const process = world.openProcess();
      for (let n = 0; n < 8; n += 1)
        await process.runAndFlush(aWebhookJob({ event: anEvent({ fact: `${n}` }) }));
      assert.equal(world.calls.length, 5);
      assert.equal(healthOf(world)?.failures, 5);
    });
  });

  describe('a store that is down', () => {
    for (const store of ['getWebhook', 'findHealth']) {
      test(`a job waits as a copy of itself, in its own queue, while ${store} fails`, async () => {
        for (const queue of ['quick', 'slow'] as const) {
          const world = createWebhookWorld();
          world.down.add(store);
          const job = aWebhookJob({ queue, waits: 1, attempts: 2 });
          await world.openProcess().runAndFlush(job);
          assert.deepEqual(world.queued, [{ queue, job: { ...job, waits: 2 }, delaySeconds: 10 }]);
          assert.deepEqual(world.calls, []);
        }
      });
    }

    test('holds a job that it cannot put off or give up, and tries it once more', async () => {
      for (const [store, attempts] of [
        ['putDueRows', 4],
        ['putDelivery', 9],
      ] as const) {
        const world = createWebhookWorld({ answer: () => answered(500) });
        world.down.add(store);
        const job = aWebhookJob({ attempts });
        await world.openProcess().runAndFlush(job);
        assert.deepEqual(world.queued, [{ queue: 'slow', job: { ...job, waits: 1 }, delaySeconds: 5 }]);
      }
    });

    test('fails the record where not even a copy can be queued', async () => {
      const world = createWebhookWorld();
      world.down.add('getWebhook').add('enqueue:slow');
      await assert.rejects(world.openProcess().runAndFlush(aWebhookJob()));
    });
  });

  test('a job goes back uncalled where there is not enough time left', async () => {
    for (const queue of ['quick', 'slow'] as const) {
      const world = createWebhookWorld();
      know(world, QUICK);
      const job = aWebhookJob({ queue });
      await world.openProcess().runAndFlush(job, 20_000);
      assert.deepEqual(world.queued, [{ queue, job, delaySeconds: 0 }]);
      assert.deepEqual(world.calls, []);
    }
  });

  test('hands a replay over with the same id and a new time, and records its attempt beside the others', async () => {
    const world = createWebhookWorld();
    const process = world.openProcess();
    const job = aWebhookJob();
    await process.runAndFlush(job);
    world.now.epochMs += DAY_MS;
    await process.runAndFlush({ ...job, isReplay: true });
    const [first, second] = world.calls.map(({ headers }) => headers);
    assert.equal(first?.['svix-id'], second?.['svix-id']);
    assert.equal(Number(second?.['svix-timestamp']) - Number(first?.['svix-timestamp']), 86_400);
    assert.deepEqual(
      world.deliveryOf(job)?.attempts.map(({ sentAt }) => sentAt),
      [isoAt(NOON), isoAt(NOON + DAY_MS)],
    );
  });

  test('signs with both secrets for as long as both are valid', async () => {
    const secrets = [
      { secret: `whsec_${Buffer.alloc(32, 1).toString('base64')}` },
      { secret: `whsec_${Buffer.alloc(32, 2).toString('base64')}`, validUntilEpochMs: NOON + DAY_MS },
    ];
    const world = createWebhookWorld({ webhooks: [aWebhook({ secrets })] });
    const process = world.openProcess();
    await process.runAndFlush(aWebhookJob());
    world.now.epochMs += DAY_MS;
    await process.runAndFlush(aWebhookJob({ isReplay: true }));
    const signatures = world.calls.map(({ headers }) => headers['svix-signature']?.split(' ').length);
    assert.deepEqual(signatures, [2, 1]);
  });
});
