import { Duration } from 'aws-cdk-lib';
import { LiveTail } from '../constructs/events/live-tail.ts';
import { defineFunction } from '../constructs/functions/function-definition.ts';
import { streamsVariable } from '../constructs/functions/streams-variable.ts';

export const tailEvents = defineFunction({
  name: 'tail-events',
  isWanted: ({ liveTail }) => liveTail !== undefined,
  /**
   * Time-out, at which viewers come back by themselves, and those that have gone without a word have let go
   * of their place.
   */
  timeout: Duration.minutes(5),
  environment: (parts) => ({
    EVENTS_TABLE_NAME: parts.store.events.tableName,
    CATALOG_TABLE_NAME: parts.store.catalog.tableName,
    STREAMS: streamsVariable(parts),
    TAIL_VIEWERS: String(parts.config.liveTail?.viewers ?? 0),
  }),
  trigger: (lambda, { stack }) => new LiveTail(stack, 'LiveTail', { tailEvents: lambda }),
  grants: ({ store: { grants } }) => [
    grants.catalog(['GetItem'], 'signingKey', 'apiKeys'),
    grants.catalog(['Query', 'PutItem', 'DeleteItem'], 'tailViewers'),
    grants.events(['Query'], 'log'),
  ],
});
