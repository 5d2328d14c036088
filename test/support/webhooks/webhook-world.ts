import { createDeliverEvent } from '../../../functions/deliver-webhook/deliver-event.ts';
import { createDeliverWebhook } from '../../../functions/deliver-webhook/deliver-webhook.ts';
import { createKnownWebhooks } from '../../../functions/deliver-webhook/known-webhooks.ts';
import { createDeliveryRecords } from '../../../functions/deliver-webhook/record-delivery.ts';
import { createReplayEvents, type ReplayDeps } from '../../../functions/deliver-webhook/replay-events.ts';
import type { Clock, Log } from '../../../shared/base/ports.ts';
import { eventIdOf } from '../../../shared/events/published-event.ts';
import { createIds } from '../../../shared/runtime/ids.ts';
import type { DueRow } from '../../../shared/scheduling/contract/due-rows.ts';
import type { WebhookJob, WebhookQueueJob } from '../../../shared/webhooks/contract/webhook-job.ts';
import type { WebhookDelivery, Webhooks } from '../../../shared/webhooks/ports.ts';
import type { Webhook } from '../../../shared/webhooks/webhook.ts';
import type { CallOutcome, WebhookCall } from '../../../shared/webhooks/webhook-call.ts';
import { uniteDeliveries } from '../../../shared/webhooks/webhook-delivery.ts';
import {
  UNKNOWN_HEALTH,
  type WebhookHealth,
  type WebhookHealths,
} from '../../../shared/webhooks/webhook-health.ts';
import { isOutage, StoreDownError } from '../messages/delivery-world.ts';
import { NOON } from '../messages/message-builders.ts';
import { aWebhook } from './webhook-builders.ts';

/** An event as a job carries it; `fact` tells two of one moment apart. */
export function anEvent({
  fact = 'a fact',
  createdAtEpochMs = NOON,
  type = 'email.delivered',
}: {
  fact?: string;
  createdAtEpochMs?: number;
  type?: string;
} = {}): WebhookJob['event'] {
  return {
    id: eventIdOf(createdAtEpochMs, fact),
    type,
    createdAt: new Date(createdAtEpochMs).toISOString(),
    data: { email_id: fact, to: ['reader@example.org'] },
  };
}

export function aWebhookJob(overrides: Partial<WebhookJob> = {}): WebhookJob {
  return {
    ...{ version: 2, kind: 'deliver', tenant: 'default', webhookId: aWebhook().webhookId },
    event: anEvent(),
    position: { partition: 0, block: 1, index: 2 },
    ...{ attempts: 0, queue: 'slow', waits: 0 },
    ...overrides,
  };
}

export const answered = (status: number, more: { body?: string; retryAfter?: string } = {}): CallOutcome => ({
  ...{ kind: 'answered', status, body: 'ok' },
  ...more,
});

export const noAnswer: CallOutcome = {
  ...{ kind: 'failed', permanent: false, reason: 'it did not arrive in time', isLate: true },
};

interface QueuedWebhookJob {
  readonly queue: 'quick' | 'slow';
  readonly job: WebhookQueueJob;
  readonly delaySeconds: number;
}

interface WebhookWorldOptions {
  readonly webhooks?: readonly Webhook[];
  readonly clock?: Clock;
  /** What endpoints answer. */
  readonly answer?: (call: WebhookCall) => CallOutcome | Promise<CallOutcome>;
  readonly jitter?: () => number;
  readonly eventLog?: Partial<ReplayDeps['eventLog']>;
  /** Called with the name of whatever is reached for, before and after it is done. */
  readonly around?: (name: string) => void | Promise<void>;
}

/** Everything that handing over events touches, in memory; `down` has what does not work. */
export function createWebhookWorld(options: WebhookWorldOptions = {}) {
  const now = { epochMs: NOON };
  const clock = options.clock ?? { nowEpochMs: () => now.epochMs };
  const down = new Set<string>();
  const reached: string[] = [];
  const webhooks = new Map((options.webhooks ?? [aWebhook()]).map((each) => [each.webhookId, each]));
  const healths = new Map<string, WebhookHealth>();
  const healthWrites: string[] = [];
  const deliveries = new Map<string, WebhookDelivery>();
  const calls: (WebhookCall & { readonly atEpochMs: number })[] = [];
  const queued: QueuedWebhookJob[] = [];
  const dueRows: DueRow[] = [];
  const metrics = new Map<string, number>();
  const events: string[] = [];
  const world = {
    ...{ now, clock, down, reached, webhooks, healths, healthWrites, deliveries, calls, queued, dueRows },
    ...{ metrics, events },
    answer: options.answer ?? ((): CallOutcome | Promise<CallOutcome> => answered(200)),
    onQueued: (entry: QueuedWebhookJob): void => void queued.push(entry),
    onDue: (row: DueRow): void => void dueRows.push(row),
    openProcess,
    deliveryOf: (job: WebhookJob) => deliveries.get(`${job.webhookId} ${job.event.id}`),
  };
  return world;

  /** Does what is asked of a store, unless that is down or its caller dies over it. */
  async function reach<T>(name: string, work: () => T | Promise<T>): Promise<T> {
    await options.around?.(name);
    reached.push(name);
    if (down.has(name)) throw new StoreDownError(name);
    const result = await work();
    await options.around?.(`${name} done`);
    return result;
  }

  function unite(webhookId: string, delivery: WebhookDelivery): void {
    const key = `${webhookId} ${delivery.eventId}`;
    const known = deliveries.get(key);
    deliveries.set(key, known === undefined ? delivery : uniteDeliveries(known, delivery));
  }

  /** Remembered for two seconds, by each process for itself. */
  function memoryHealths(): WebhookHealths {
    const cache = new Map<string, { health: WebhookHealth; readAtEpochMs: number }>();
    const stored = (webhookId: string) => healths.get(webhookId) ?? UNKNOWN_HEALTH;
    const remember = (webhookId: string, health: WebhookHealth) => {
      cache.set(webhookId, { health, readAtEpochMs: clock.nowEpochMs() });
      return health;
    };
    return {
      async find(webhookId) {
        const known = cache.get(webhookId);
        if (known !== undefined && clock.nowEpochMs() - known.readAtEpochMs < 2_000) return known.health;
        return reach('findHealth', () => remember(webhookId, stored(webhookId)));
      },
      change: (webhookId, decide) =>
        reach('changeHealth', () => {
          const { answer, state } = decide(stored(webhookId));
          if (state !== undefined) {
            healths.set(webhookId, state);
            healthWrites.push(webhookId);
          }
          remember(webhookId, stored(webhookId));
          return answer;
        }),
    };
  }

  function memoryWebhooks(): Pick<Webhooks, 'get' | 'update'> {
    return {
      get: (_tenant, webhookId) => reach('getWebhook', () => webhooks.get(webhookId)),
      update: (_tenant, webhookId, changes) =>
        reach('updateWebhook', () => {
          const webhook = webhooks.get(webhookId);
          if (webhook === undefined) return undefined;
          const updated = { ...webhook, ...changes } as Webhook;
          webhooks.set(webhookId, updated);
          return updated;
        }),
    };
  }

  function memoryQueue(queue: 'quick' | 'slow') {
    return {
      enqueue: (job: WebhookQueueJob, delaySeconds = 0) =>
        reach(`enqueue:${queue}`, () => world.onQueued({ queue, job, delaySeconds })),
      enqueueAll: (jobs: readonly WebhookQueueJob[]) =>
        reach(`enqueueAll:${queue}`, () => {
          for (const job of jobs) world.onQueued({ queue, job, delaySeconds: 0 });
          return [];
        }),
    };
  }

  /** A process of its own: what it remembers is its own, what is stored is everybody's. */
  function openProcess() {
    const log: Log = {
      info: (event) => void events.push(event),
      warn: (event) => void events.push(event),
      error: (event) => void events.push(event),
      count: (metric, value) => void metrics.set(metric, (metrics.get(metric) ?? 0) + value),
    };
    const queues = { quick: memoryQueue('quick'), slow: memoryQueue('slow') };
    const health = memoryHealths();
    const known = createKnownWebhooks({ webhooks: memoryWebhooks(), clock, log });
    const stored = {
      put: (webhookId: string, delivery: WebhookDelivery) =>
        reach('putDelivery', () => unite(webhookId, delivery)),
      putSuccesses: (webhookId: string, successes: readonly WebhookDelivery[]) =>
        reach('putSuccesses', () => {
          for (const each of successes) unite(webhookId, each);
        }),
      list: (webhookId: string, { limit, after }: { limit: number; after?: string }) =>
        reach('listDeliveries', () => listOf(webhookId, limit, after)),
    };
    const records = createDeliveryRecords({ deliveries: stored, log });
    const deliverWebhook = createDeliverWebhook({
      deliverEvent: createDeliverEvent({
        webhooks: known,
        ...{ health, records, queues, clock, log },
        caller: {
          call: (call) =>
            reach('call', () => {
              calls.push({ ...call, atEpochMs: clock.nowEpochMs() });
              return world.answer(call);
            }),
        },
        dueRows: {
          put: (rows) =>
            reach('putDueRows', () => {
              for (const row of rows) world.onDue(row);
            }),
        },
        jitter: options.jitter ?? (() => 0),
        ids: createIds(clock),
      }),
      replayEvents: createReplayEvents({
        webhooks: known,
        deliveries: stored,
        slowQueue: queues.slow,
        eventLog: {
          seek: () => Promise.reject(new Error('no log')),
          read: () => Promise.reject(new Error('no log')),
          get: () => Promise.reject(new Error('no log')),
          ...options.eventLog,
        },
        log,
      }),
      ...{ queues, isOutage, log },
    });
    const run = (job: WebhookQueueJob, remainingMs = 60_000) =>
      deliverWebhook(job, { remainingMs: () => remainingMs });
    return {
      run,
      flush: records.flush,
      /** A batch of one. */
      async runAndFlush(job: WebhookQueueJob, remainingMs?: number) {
        await run(job, remainingMs);
        await records.flush();
      },
    };
  }

  function listOf(webhookId: string, limit: number, after = '~') {
    const own = [...deliveries].flatMap(([key, each]) => (key.startsWith(`${webhookId} `) ? [each] : []));
    const found = own
      .filter(({ eventId }) => eventId < after)
      .sort((one, other) => (one.eventId < other.eventId ? 1 : -1));
    return { deliveries: found.slice(0, limit), hasMore: found.length > limit };
  }
}

export type WebhookWorld = ReturnType<typeof createWebhookWorld>;
