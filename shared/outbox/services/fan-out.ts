import type { JobQueue } from '../../base/job-queue.ts';
import { inParallel } from '../../base/services/in-parallel.ts';
import type { LoggedEvent } from '../../event-log/ports.ts';
import type { Streams } from '../../streams/stream.ts';
import { deliveryJob, type WebhookJob } from '../../webhooks/contract/webhook-job.ts';
import type { Webhooks } from '../../webhooks/ports.ts';
import { subscribesTo, type Webhook } from '../../webhooks/webhook.ts';
import type { EventBus } from '../ports.ts';

const LISTS_AT_ONCE = 25;

export interface FanOutDeps {
  readonly webhooks: Pick<Webhooks, 'list'>;
  readonly webhookQueue: Pick<JobQueue<WebhookJob>, 'enqueueAll'>;
  readonly bus: EventBus;
  readonly streams: Streams;
}

/**
 * Error that some webhooks, or some events for the bus, are not known to be on their way; the batch comes
 * again.
 */
class EventsNotHandedOnError extends Error {
  override readonly name = 'EventsNotHandedOnError';
  readonly permanent = false;
}

/** Hands logged events to webhooks and to the bus: all of a batch, since it is not known how far an earlier try has come. */
export function createFanOut({ webhooks, webhookQueue, bus, streams }: FanOutDeps) {
  const toWebhooks = async (logged: readonly LoggedEvent[]): Promise<void> => {
    const jobs: WebhookJob[] = [];
    const byTenant = [...Map.groupBy(logged, ({ event }) => event.tenant)];
    await inParallel(byTenant, LISTS_AT_ONCE, async ([tenant, own]) => {
      jobs.push(...jobsFor(own, await webhooks.list(tenant)));
    });
    const left = jobs.length === 0 ? [] : await webhookQueue.enqueueAll(jobs);
    if (left.length === 0) return;
    throw new EventsNotHandedOnError(`${left.length} webhooks were not queued.`, { cause: left[0]?.error });
  };

  const toBus = async (logged: readonly LoggedEvent[]): Promise<void> => {
    const events = logged.map(({ event }) => event).filter((event) => isForBus(event, streams));
    if (events.length > 0) await bus.publish(events);
  };

  return async (logged: readonly LoggedEvent[]): Promise<void> => {
    await Promise.all([toWebhooks(logged), toBus(logged)]);
  };
}

const jobsFor = (logged: readonly LoggedEvent[], webhooks: readonly Webhook[]): readonly WebhookJob[] =>
  logged.flatMap((each) =>
    webhooks
      .filter((webhook) => subscribesTo(webhook, each.event.type))
      .map((webhook) => deliveryJob(webhook, each)),
  );

/**
 * Tells whether an event goes to the bus. One that is about no mail goes there where any stream's events do.
 */
function isForBus({ stream }: LoggedEvent['event'], streams: Streams): boolean {
  if (stream !== undefined) return streams.byName(stream).eventBus === true;
  return streams.all.some(({ eventBus }) => eventBus === true);
}
