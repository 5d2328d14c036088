import { Duration } from 'aws-cdk-lib';
import { messageKeepDays } from '../config.ts';
import { grantsIf } from '../constructs/base/grant.ts';
import { defineFunction } from '../constructs/functions/function-definition.ts';
import { streamsVariable } from '../constructs/functions/streams-variable.ts';

export const recordEvent = defineFunction({
  name: 'record-event',
  /** A hundred events, a few requests for each. */
  timeout: Duration.seconds(30),
  environment: (parts) => ({
    MESSAGES_TABLE_NAME: parts.store.messages.tableName,
    CATALOG_TABLE_NAME: parts.store.catalog.tableName,
    SUPPRESSIONS_TABLE_NAME: parts.store.suppressions.tableName,
    EVENT_QUEUE_URL: parts.eventQueue.url,
    STREAMS: streamsVariable(parts),
    MESSAGE_KEEP_DAYS: String(messageKeepDays(parts.config)),
  }),
  queues: ({ eventQueue }) => [eventQueue],
  grants: ({ config, store: { grants }, eventQueue }) => [
    eventQueue.sendGrant,
    grants.messages('GetItem', 'Query', 'PutItem', 'UpdateItem'),
    grants.suppressions('GetItem', 'PutItem', 'DeleteItem'),
    grants.catalog(['GetItem', 'PutItem'], 'reputation'),
    grants.catalog(['UpdateItem'], 'streams', 'pace'),
    ...grantsIf(config.tenants !== undefined, grants.catalog(['GetItem', 'UpdateItem'], 'tenants')),
  ],
});
