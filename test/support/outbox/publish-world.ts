import type { DynamoDBRecord } from 'aws-lambda';
import { createPublishEvents } from '../../../functions/publish-events/publish-events.ts';
import { createRebuildLog } from '../../../functions/publish-events/rebuild-log.ts';
import { wireSources } from '../../../functions/publish-events/wire-sources.ts';
import type { EventLog, LoggedEvent } from '../../../shared/event-log/ports.ts';
import type { PublishedEvent } from '../../../shared/events/published-event.ts';
import type { Message } from '../../../shared/messages/message.ts';
import { createdAtEpochMsOf } from '../../../shared/messages/message-bucket.ts';
import { createChangeReader } from '../../../shared/outbox/adapters/table-changes.ts';
import type { PublishEntriesDeps } from '../../../shared/outbox/services/publish-entries.ts';
import type { Streams } from '../../../shared/streams/stream.ts';
import type { WebhookJob } from '../../../shared/webhooks/contract/webhook-job.ts';
import type { Webhook } from '../../../shared/webhooks/webhook.ts';
import { createDeliveryWorld } from '../messages/delivery-world.ts';
import { buildStreams } from '../streams/stream-builders.ts';
import { TABLES } from './stream-records.ts';

/** One partition, one event a block; knows every id that it has. */
function createMemoryEventLog(reach: (name: string) => void = () => {}) {
  const events: PublishedEvent[] = [];
  const log: EventLog = {
    async append(_tenant, entries) {
      reach('append');
      const logged = entries.map(({ event }): LoggedEvent => {
        const known = events.findIndex(({ id }) => id === event.id);
        const block = known < 0 ? events.push(event) : known + 1;
        return { event, position: { partition: 0, block, index: 0 }, isNew: known < 0 };
      });
      reach('appended');
      return logged;
    },
  };
  return { events, log };
}

/** `publish-events` over memory; `receive` takes records as Lambda hands them over. */
export function createPublishWorld(rows: readonly Message[] = [], streams: Streams = buildStreams()) {
  const world = createDeliveryWorld(rows);
  const reach = (name: string) => {
    world.calls.push(name);
    if (world.down.has(name) || world.downOnce.delete(name)) throw new Error(`${name} is down`);
  };
  const { events, log: eventLog } = createMemoryEventLog(reach);
  const webhooks: Webhook[] = [];
  const jobs: WebhookJob[] = [];
  const onBus: PublishedEvent[] = [];
  const firsts = new Map<string, string>();
  const committed = new Set<string>();
  const sources = wireSources({
    ...TABLES,
    messages: world.messages,
    suppressions: world.suppressions,
    streams,
    firstVisits: {
      async claim(tenant, messageId, type, eventId) {
        reach('first');
        const key = `${tenant} ${messageId} ${type}`;
        if (!firsts.has(key)) firsts.set(key, eventId);
        return firsts.get(key) === eventId;
      },
    },
    place: { region: 'us-east-1', zoneOf: (name) => name },
    log: world.log,
  });
  const history: Parameters<typeof createRebuildLog>[0]['messages'] = {
    async *queryWindow(_tenant, { fromEpochMs, toEpochMs }) {
      for (const message of world.messages.rows.values()) {
        const at = createdAtEpochMsOf(message.messageId);
        if (at < fromEpochMs || at > toEpochMs) continue;
        const facts = [...world.messages.facts.values()].filter(
          ({ messageId }) => messageId === message.messageId,
        );
        yield { message, facts };
      }
    },
    getBatchState: async (batchId) => (committed.has(batchId) ? 'committed' : undefined),
  };
  const deps: PublishEntriesDeps = {
    ...{ streams, eventLog },
    webhooks: {
      async list(tenant) {
        reach('webhooks');
        return webhooks.filter((webhook) => webhook.tenant === tenant);
      },
    },
    webhookQueue: {
      async enqueueAll(wanted) {
        if (world.down.has('webhookQueue') || world.downOnce.delete('webhookQueue'))
          return wanted.map((job) => ({ job, error: new Error('webhookQueue is down') }));
        jobs.push(...wanted);
        return [];
      },
    },
    bus: {
      async publish(published) {
        reach('bus');
        onBus.push(...published);
      },
    },
  };
  const publish = createPublishEvents(deps);
  const rebuild = createRebuildLog({
    ...deps,
    messages: history,
    source: sources.messages,
    clock: world.clock,
  });
  const readChange = createChangeReader(sources.all);
  return {
    ...world,
    ...{ events, webhooks, jobs, onBus, committed },
    types: () => events.map(({ type }) => type),
    rebuild: (remainingMs = 60_000, passOn: 'new' | 'all' = 'new') =>
      rebuild(
        { tenant: 'default', fromEpochMs: 0, untilEpochMs: world.clock.now, passOn },
        () => remainingMs,
      ),
    receive: (...records: readonly DynamoDBRecord[]) => publish(records.map(readChange)),
  };
}
