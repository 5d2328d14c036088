import { Duration } from 'aws-cdk-lib';
import { Outbox } from '../constructs/events/outbox.ts';
import { defineFunction } from '../constructs/functions/function-definition.ts';
import { streamsVariable } from '../constructs/functions/streams-variable.ts';

export const publishEvents = defineFunction({
  name: 'publish-events',
  /** A thousand changes, each with the row before and after it, and the events made of them. */
  memoryMb: 512,
  /** A batch that takes longer, such as events for fifty webhooks each, comes again in halves. */
  timeout: Duration.seconds(60),
  environment: (parts) => ({
    MESSAGES_TABLE_NAME: parts.store.messages.tableName,
    SUPPRESSIONS_TABLE_NAME: parts.store.suppressions.tableName,
    CATALOG_TABLE_NAME: parts.store.catalog.tableName,
    EVENTS_TABLE_NAME: parts.store.events.tableName,
    WEBHOOK_QUEUE_URL: parts.webhookQueues.quick.url,
    STREAMS: streamsVariable(parts),
  }),
  trigger: (lambda, { stack, store }) => new Outbox(stack, 'Outbox', { publishEvents: lambda, store }),
  grants: ({ store: { grants }, webhookQueues, subscriberBus }) => [
    grants.tableStreams,
    grants.messages('GetItem', 'Query'),
    grants.messagesOf(['PutItem'], 'failure'),
    grants.suppressions('GetItem'),
    grants.catalog(['Query'], 'webhooks', 'messageDays'),
    grants.events(['GetItem', 'PutItem', 'Query'], 'log'),
    grants.events(['GetItem', 'PutItem'], 'first'),
    webhookQueues.quick.sendGrant,
    ...(subscriberBus === undefined ? [] : [subscriberBus.putGrant]),
  ],
});
