/**
 * Streams of the messages, suppressions and catalog tables, in order: publishes what was stored to the event log, and from
 * there to webhooks and the event bus. A batch that fails comes again as a whole; the log has no event twice. Invoked by
 * hand, it rebuilds the log from what is stored.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { createDynamoDbClient } from '../../shared/base/adapters/dynamodb-client.ts';
import { createSqsClient } from '../../shared/base/adapters/sqs-client.ts';
import { createJobQueue } from '../../shared/base/adapters/sqs-job-queue.ts';
import { createEventLog } from '../../shared/event-log/adapters/event-log-table.ts';
import { createFirstVisits } from '../../shared/messages/adapters/first-visits-table.ts';
import { createMessagesTable } from '../../shared/messages/adapters/messages-table.ts';
import {
  createEventBridgeBus,
  createEventBridgeClient,
} from '../../shared/outbox/adapters/event-bridge-bus.ts';
import { createChangeReader } from '../../shared/outbox/adapters/table-changes.ts';
import { systemClock as clock } from '../../shared/runtime/clock.ts';
import { readEnvironment, readRegion } from '../../shared/runtime/env.ts';
import { createIds } from '../../shared/runtime/ids.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { registrableDomainOf } from '../../shared/runtime/registrable-domain.ts';
import { streamStack } from '../../shared/runtime/stream-stack.ts';
import { createSuppressionsTable } from '../../shared/suppressions/adapters/suppressions-table.ts';
import { createWebhooksTable } from '../../shared/webhooks/adapters/webhooks-table.ts';
import type { WebhookJob } from '../../shared/webhooks/contract/webhook-job.ts';
import { createPublishEvents } from './publish-events.ts';
import { createRebuildCommand } from './rebuild-command.ts';
import { createRebuildLog } from './rebuild-log.ts';
import { wireSources } from './wire-sources.ts';

const environment = readEnvironment([
  'MESSAGES_TABLE_NAME',
  'SUPPRESSIONS_TABLE_NAME',
  'CATALOG_TABLE_NAME',
  'EVENTS_TABLE_NAME',
  'WEBHOOK_QUEUE_URL',
  'STREAMS',
]);
const { catalogTableName, messagesTableName, suppressionsTableName, eventsTableName, streams } = environment;
const log = createLogger('publish-events');
const client = createDynamoDbClient();
const events = { client, tableName: eventsTableName, clock };
const messages = createMessagesTable({ client, tableName: messagesTableName, catalogTableName });

const deps = {
  messages,
  streams,
  clock,
  eventLog: createEventLog({ ...events, ids: createIds(clock), sleep, jitter: Math.random }),
  webhooks: createWebhooksTable(client, catalogTableName),
  webhookQueue: createJobQueue<WebhookJob>(createSqsClient(), environment.webhookQueueUrl),
  bus: createEventBridgeBus(createEventBridgeClient(), streams.eventBusName),
};

const sources = wireSources({
  messagesTableName,
  suppressionsTableName,
  catalogTableName,
  messages,
  streams,
  log,
  suppressions: createSuppressionsTable({ client, tableName: suppressionsTableName }),
  firstVisits: createFirstVisits(events),
  place: { region: readRegion(), zoneOf: registrableDomainOf },
});

export const handler = streamStack({
  parse: createChangeReader(sources.all),
  process: createPublishEvents(deps),
  command: createRebuildCommand({
    rebuildLog: createRebuildLog({ ...deps, source: sources.messages }),
    clock,
  }),
  recordFailure: messages.putFailureRecord,
  clock,
  logger: log,
});
