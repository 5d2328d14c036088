import { Duration } from 'aws-cdk-lib';
import { oneGrant } from '../constructs/base/grant.ts';
import { defineFunction } from '../constructs/functions/function-definition.ts';
import { streamsVariable } from '../constructs/functions/streams-variable.ts';

export const releaseDue = defineFunction({
  name: 'release-due',
  /** A shard of a minute that has a million mails: 16,000 rows in 1,600 requests. */
  timeout: Duration.seconds(60),
  environment: (parts) => ({
    MESSAGES_TABLE_NAME: parts.store.messages.tableName,
    STREAMS: streamsVariable(parts),
    ATTACHMENT_QUEUE_URL: parts.attachmentQueue.url,
    RELEASE_QUEUE_URL: parts.releaseQueue.url,
    SLOW_WEBHOOK_QUEUE_URL: parts.webhookQueues.slow.url,
  }),
  queues: ({ releaseQueue }) => [releaseQueue],
  grants: ({ store: { grants }, streams, attachmentQueue, releaseQueue, webhookQueues }) => [
    oneGrant([
      streams.sendGrant,
      attachmentQueue.sendGrant,
      releaseQueue.sendGrant,
      webhookQueues.slow.sendGrant,
    ]),
    grants.messages('Query', 'PutItem'),
  ],
});
