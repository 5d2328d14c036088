import { randomBytes } from 'node:crypto';
import { createEventLogReader } from '../../../shared/event-log/adapters/event-log-reader.ts';
import { readLocalWebhooks } from '../../../shared/runtime/env.ts';
import { createSlowWebhookQueue } from '../../../shared/webhooks/adapters/slow-webhook-queue.ts';
import { createWebhookDeliveriesTable } from '../../../shared/webhooks/adapters/webhook-deliveries-table.ts';
import { createWebhookHealthTable } from '../../../shared/webhooks/adapters/webhook-health-table.ts';
import { createWebhooksTable } from '../../../shared/webhooks/adapters/webhooks-table.ts';
import { formatWebhookSecret } from '../../../shared/webhooks/webhook-secret.ts';
import type { CommonDeps } from '../wire-common.ts';
import { webhookRoutes } from './webhooks.ts';

export function wireWebhooks({ environment, client, sqs, catalog, clock, ids, log }: CommonDeps) {
  const events = { client, tableName: environment.eventsTableName, clock };
  return webhookRoutes({
    webhooks: createWebhooksTable(client, catalog.tableName),
    webhookHealth: createWebhookHealthTable({ ...catalog, clock }),
    webhookDeliveries: createWebhookDeliveriesTable(events),
    eventLog: createEventLogReader(events),
    slowWebhookQueue: createSlowWebhookQueue(sqs, environment.slowWebhookQueueUrl),
    newWebhookSecret: () => formatWebhookSecret(randomBytes(32)),
    webhookRules: readLocalWebhooks(),
    clock,
    ids,
    log,
  });
}
