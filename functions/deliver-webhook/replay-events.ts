import { MS_PER_HOUR } from '../../shared/base/durations.ts';
import type { JobQueue } from '../../shared/base/job-queue.ts';
import type { Log } from '../../shared/base/ports.ts';
import { decodeLogCursor, encodeLogCursor } from '../../shared/event-log/contract/event-log-cursor.ts';
import { positionBetween } from '../../shared/event-log/log-position.ts';
import type { EventLogReader, LogPosition } from '../../shared/event-log/ports.ts';
import { eventIdAt, eventTimeOf, type PublishedEvent } from '../../shared/events/published-event.ts';
import {
  type ReplayJob,
  replayedDeliveryJob,
  type WebhookJob,
  type WebhookQueueJob,
} from '../../shared/webhooks/contract/webhook-job.ts';
import type { WebhookDeliveries, WebhookDelivery } from '../../shared/webhooks/ports.ts';
import type { Webhook } from '../../shared/webhooks/webhook.ts';
import type { KnownWebhooks } from './known-webhooks.ts';

export interface ReplayDeps {
  readonly webhooks: Pick<KnownWebhooks, 'get'>;
  readonly eventLog: Pick<EventLogReader, 'seek' | 'read' | 'get'>;
  readonly deliveries: Pick<WebhookDeliveries, 'list'>;
  readonly slowQueue: JobQueue<WebhookQueueJob>;
  readonly log: Pick<Log, 'info' | 'warn'>;
}

/** Error that the queue did not take some of the events, tried again and again; the page comes once more. */
class EventsNotQueuedError extends Error {
  override readonly name = 'EventsNotQueuedError';
  readonly permanent = false;
}

/** A block has up to 200 events; a page is made in 256 MB, beside calls that wait for it. */
const BLOCKS_A_PAGE = 5;
const DELIVERIES_A_PAGE = 100;
const TRIES = 3;
const LOWEST_HASH = '0'.repeat(20);
/**
 * Time that facts may be told late: what happened before the end of the range is looked for that much longer.
 */
const LATE_MS = MS_PER_HOUR;

interface LocatedEvent {
  readonly event: PublishedEvent;
  readonly position: LogPosition;
}

interface Page {
  readonly events: readonly LocatedEvent[];
  /** Place where the next page begins, if there is one. */
  readonly next?: string;
}

/**
 * Queues one page of what is to be replayed, and itself for the page after it. A page that is repeated brings its events
 * to the endpoint once more.
 */
export function createReplayEvents(deps: ReplayDeps) {
  return async (job: ReplayJob): Promise<void> => {
    const webhook = await deps.webhooks.get(job.tenant, job.webhookId);
    if (webhook?.status !== 'enabled') {
      deps.log.info('replay_dropped', { webhookId: job.webhookId });
      return;
    }
    const { events, next } = await (job.which === 'all'
      ? readLog(job, webhook, deps)
      : readFailed(job, deps));

    await enqueueAll(
      events.map((located) => replayedDeliveryJob(job, located)),
      deps.slowQueue,
    );
    if (next !== undefined) await deps.slowQueue.enqueue({ ...job, after: next, waits: 0 });
  };
}

async function readLog(job: ReplayJob, { events: types }: Webhook, { eventLog }: ReplayDeps): Promise<Page> {
  const { tenant, fromEpochMs, untilEpochMs, after } = job;
  const start = after === undefined ? await eventLog.seek(tenant, fromEpochMs) : decodeLogCursor(after);
  const page = await eventLog.read(tenant, start, { maxBlocks: BLOCKS_A_PAGE });
  const located = page.events.map(({ event, after: behind }, index) => ({
    event,
    position: positionBetween(page.events[index - 1]?.after ?? start, behind),
  }));
  const isPast = page.events.some(({ event }) => eventTimeOf(event.id) >= untilEpochMs + LATE_MS);
  return {
    events: located.filter(({ event }) => isInRange(event.id, job) && types.includes(event.type)),
    ...(page.hasMore && !isPast ? { next: encodeLogCursor(page.next) } : {}),
  };
}

async function readFailed(job: ReplayJob, { deliveries, eventLog, log }: ReplayDeps): Promise<Page> {
  const { tenant, webhookId, fromEpochMs, untilEpochMs, after = eventIdAt(untilEpochMs, LOWEST_HASH) } = job;
  const page = await deliveries.list(webhookId, { limit: DELIVERIES_A_PAGE, after });
  const failed = page.deliveries.filter(
    ({ state, eventId }) => state === 'failed' && isInRange(eventId, job),
  );
  const found = await Promise.all(failed.map((delivery) => locate(tenant, delivery, eventLog)));
  const events = found.filter((each) => each !== undefined);
  if (events.length < failed.length) {
    log.warn('events_expired', { webhookId, events: failed.length - events.length });
  }
  const last = page.deliveries.at(-1)?.eventId;
  const goesOn = page.hasMore && last !== undefined && eventTimeOf(last) >= fromEpochMs;
  return { events, ...(goesOn ? { next: last } : {}) };
}

/** Finds an event in the log; undefined if the log does not have it any more. */
async function locate(
  tenant: string,
  { eventId, position }: WebhookDelivery,
  eventLog: Pick<EventLogReader, 'get'>,
): Promise<LocatedEvent | undefined> {
  const event = await eventLog.get(tenant, position);
  return event?.id === eventId ? { event, position } : undefined;
}

function isInRange(eventId: string, { fromEpochMs, untilEpochMs }: ReplayJob): boolean {
  const epochMs = eventTimeOf(eventId);
  return epochMs >= fromEpochMs && epochMs < untilEpochMs;
}

async function enqueueAll(
  jobs: readonly WebhookJob[],
  queue: Pick<JobQueue<WebhookQueueJob>, 'enqueueAll'>,
): Promise<void> {
  let left: readonly WebhookQueueJob[] = jobs;
  let cause: unknown;
  for (let tries = 0; left.length > 0 && tries < TRIES; tries += 1) {
    const unqueued = await queue.enqueueAll(left);
    left = unqueued.map(({ job }) => job);
    cause = unqueued[0]?.error;
  }
  if (left.length > 0) throw new EventsNotQueuedError(`${left.length} events were not queued.`, { cause });
}
