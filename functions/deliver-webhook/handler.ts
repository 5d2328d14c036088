/**
 * Both webhook queues, up to ten records: delivers events to their endpoints, each once at least and, where it fails, ten times
 * within three days. A retry of a record calls the endpoint again, with the same id.
 */
import { isAwsOutage } from '../../shared/base/adapters/aws-outage.ts';
import { createDynamoDbClient } from '../../shared/base/adapters/dynamodb-client.ts';
import { createSqsClient } from '../../shared/base/adapters/sqs-client.ts';
import { createJobQueue } from '../../shared/base/adapters/sqs-job-queue.ts';
import { createEventLogReader } from '../../shared/event-log/adapters/event-log-reader.ts';
import { createSingleMessages } from '../../shared/messages/adapters/messages-table.ts';
import { systemClock as clock } from '../../shared/runtime/clock.ts';
import { readEnvironment, readLocalWebhooks } from '../../shared/runtime/env.ts';
import { createIds } from '../../shared/runtime/ids.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { sqsStack } from '../../shared/runtime/sqs-stack.ts';
import { createDueMinutes } from '../../shared/scheduling/adapters/due-minutes.ts';
import { createDueRows } from '../../shared/scheduling/adapters/due-rows-table.ts';
import { createSlowWebhookQueue } from '../../shared/webhooks/adapters/slow-webhook-queue.ts';
import { createWebhookCaller, publicEndpoints } from '../../shared/webhooks/adapters/webhook-caller.ts';
import { createWebhookDeliveriesTable } from '../../shared/webhooks/adapters/webhook-deliveries-table.ts';
import { createWebhookHealthTable } from '../../shared/webhooks/adapters/webhook-health-table.ts';
import { createWebhooksTable } from '../../shared/webhooks/adapters/webhooks-table.ts';
import { type WebhookQueueJob, webhookQueueJob } from '../../shared/webhooks/contract/webhook-job.ts';
import { createDeliverEvent } from './deliver-event.ts';
import { createDeliverWebhook } from './deliver-webhook.ts';
import { createKnownWebhooks } from './known-webhooks.ts';
import { createDeliveryRecords } from './record-delivery.ts';
import { createReplayEvents } from './replay-events.ts';

const environment = readEnvironment([
  'MESSAGES_TABLE_NAME',
  'CATALOG_TABLE_NAME',
  'EVENTS_TABLE_NAME',
  'WEBHOOK_QUEUE_URL',
  'SLOW_WEBHOOK_QUEUE_URL',
]);
const log = createLogger('deliver-webhook');
const client = createDynamoDbClient();
const sqs = createSqsClient();
const { catalogTableName, eventsTableName } = environment;
const messages = { client, tableName: environment.messagesTableName };
const queues = {
  quick: createJobQueue<WebhookQueueJob>(sqs, environment.webhookQueueUrl),
  slow: createSlowWebhookQueue<WebhookQueueJob>(sqs, environment.slowWebhookQueueUrl),
};
const health = createWebhookHealthTable({ client, tableName: catalogTableName, clock });
const deliveries = createWebhookDeliveriesTable({ client, tableName: eventsTableName, clock });
const webhooks = createKnownWebhooks({
  webhooks: createWebhooksTable(client, catalogTableName),
  clock,
  log,
});
const records = createDeliveryRecords({ deliveries, log });

export const handler = sqsStack({
  queue: 'webhooks',
  parse: (value) => webhookQueueJob.parse(value),
  process: createDeliverWebhook({
    deliverEvent: createDeliverEvent({
      webhooks,
      health,
      records,
      queues,
      clock,
      log,
      caller: createWebhookCaller(publicEndpoints(readLocalWebhooks())),
      dueRows: createDueRows({ ...messages, minutes: createDueMinutes(client, catalogTableName) }),
      jitter: Math.random,
      ids: createIds(clock),
    }),
    replayEvents: createReplayEvents({
      webhooks,
      deliveries,
      log,
      eventLog: createEventLogReader({ client, tableName: eventsTableName, clock }),
      slowQueue: queues.slow,
    }),
    queues,
    log,
    isOutage: isAwsOutage,
  }),
  afterBatch: [records.flush],
  recordFailure: createSingleMessages(messages).putFailureRecord,
  clock,
  logger: log,
});
