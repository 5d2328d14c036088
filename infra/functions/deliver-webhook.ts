import { Duration } from 'aws-cdk-lib';
import { oneGrant } from '../constructs/base/grant.ts';
import { defineFunction } from '../constructs/functions/function-definition.ts';

export const deliverWebhook = defineFunction({
  name: 'deliver-webhook',
  /** A call of 15 s, and everything before and after it while the stores are slow. */
  timeout: Duration.seconds(60),
  environment: ({ store, webhookQueues }) => ({
    MESSAGES_TABLE_NAME: store.messages.tableName,
    CATALOG_TABLE_NAME: store.catalog.tableName,
    EVENTS_TABLE_NAME: store.events.tableName,
    WEBHOOK_QUEUE_URL: webhookQueues.quick.url,
    SLOW_WEBHOOK_QUEUE_URL: webhookQueues.slow.url,
  }),
  queues: ({ webhookQueues }) => webhookQueues.all,
  grants: ({ store: { grants }, webhookQueues }) => [
    oneGrant(webhookQueues.all.map(({ sendGrant }) => sendGrant)),
    grants.catalog(['GetItem', 'UpdateItem'], 'webhooks', 'dueMinutes'),
    grants.catalog(['GetItem', 'PutItem'], 'webhookHealth'),
    grants.messagesOf(['PutItem'], 'due', 'failure'),
    grants.events(['GetItem', 'PutItem', 'Query'], 'webhook'),
    grants.events(['GetItem', 'Query'], 'log'),
  ],
});
