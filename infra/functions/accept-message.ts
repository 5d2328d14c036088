import { messageKeepDays } from '../config.ts';
import { WITHIN_API_GATEWAY } from '../constructs/access/http-endpoint.ts';
import { grantsIf } from '../constructs/base/grant.ts';
import { defineFunction } from '../constructs/functions/function-definition.ts';
import { streamsVariable } from '../constructs/functions/streams-variable.ts';

export const acceptMessage = defineFunction({
  name: 'accept-message',
  timeout: WITHIN_API_GATEWAY,
  environment: (parts) => ({
    MESSAGES_TABLE_NAME: parts.store.messages.tableName,
    CATALOG_TABLE_NAME: parts.store.catalog.tableName,
    CONTENT_BUCKET_NAME: parts.store.content.bucketName,
    STREAMS: streamsVariable(parts),
    ATTACHMENT_QUEUE_URL: parts.attachmentQueue.url,
    SENDING_DOMAINS: parts.config.domains.join(','),
    MESSAGE_KEEP_DAYS: String(messageKeepDays(parts.config)),
  }),
  trigger: (lambda, { endpoint }) => endpoint.serve('Accept', lambda, ['/emails', '/emails/batch']),
  grants: ({ config, store: { grants }, streams, attachmentQueue }) => [
    grants.messages('GetItem', 'PutItem', 'DeleteItem'),
    grants.catalog(['GetItem'], 'signingKey', 'apiKeys', 'domains'),
    grants.catalog(['PutItem'], 'messageDays'),
    grants.catalog(['GetItem', 'UpdateItem'], 'dueMinutes'),
    grants.objects('s3:PutObject', 'bodies', 'uploaded', 'scheduled'),
    ...grantsIf(
      config.tenants !== undefined,
      grants.catalog(['GetItem'], 'tenants'),
      grants.catalog(['UpdateItem'], 'tenantUsage'),
    ),
    streams.sendGrant,
    attachmentQueue.sendGrant,
  ],
});
