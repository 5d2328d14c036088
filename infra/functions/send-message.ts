import { Duration } from 'aws-cdk-lib';
import { messageKeepDays } from '../config.ts';
import { grantsIf } from '../constructs/base/grant.ts';
import { READ_ACCOUNT, sendThrough } from '../constructs/domains/ses-grants.ts';
import { defineFunction } from '../constructs/functions/function-definition.ts';
import { streamsVariable } from '../constructs/functions/streams-variable.ts';

/** A batch of ten mails of 40 MB, one after the other. Leases are longer than this. */
const TIMEOUT = Duration.seconds(120);

export const sendMessage = defineFunction({
  name: 'send-message',
  /** Mail of 40 MB passes through; `functions/send-message/byte-gate.ts` lets in what fits. */
  memoryMb: 512,
  timeout: TIMEOUT,
  environment: (parts) => ({
    MESSAGES_TABLE_NAME: parts.store.messages.tableName,
    CATALOG_TABLE_NAME: parts.store.catalog.tableName,
    SUPPRESSIONS_TABLE_NAME: parts.store.suppressions.tableName,
    CONTENT_BUCKET_NAME: parts.store.content.bucketName,
    STREAMS: streamsVariable(parts),
    PUBLIC_URL: parts.config.publicUrl ?? parts.endpoint.url,
    MESSAGE_KEEP_DAYS: String(messageKeepDays(parts.config)),
    FUNCTION_TIMEOUT_SECONDS: String(TIMEOUT.toSeconds()),
  }),
  queues: ({ streams }) => streams.sendQueues,
  grants: ({ stack, config, store: { grants }, streams }) => [
    streams.sendGrant,
    grants.messages('GetItem', 'Query', 'UpdateItem', 'PutItem', 'DeleteItem'),
    grants.suppressions('GetItem', 'BatchGetItem'),
    grants.objects('s3:GetObject', 'bodies', 'uploaded', 'fetched', 'scheduled'),
    grants.missingObjects,
    grants.objects('s3:DeleteObject', 'bodies', 'uploaded', 'fetched', 'scheduled'),
    grants.catalog(['GetItem', 'PutItem'], 'pace', 'account'),
    grants.catalog(['GetItem'], 'streams'),
    grants.catalog(['GetItem', 'UpdateItem'], 'dueMinutes'),
    grants.catalog(['GetItem', 'PutItem'], 'reputation'),
    ...grantsIf(streams.hasUnsubscribe, grants.catalog(['GetItem'], 'signingKey')),
    ...grantsIf(streams.standardPoolArns.length > 0, grants.catalog(['GetItem', 'UpdateItem'], 'warmUp')),
    ...grantsIf(config.tenants !== undefined, grants.catalog(['GetItem'], 'tenants')),
    READ_ACCOUNT,
    sendThrough(stack, streams.configurationSetArns),
  ],
});
