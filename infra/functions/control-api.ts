import { messageKeepDays } from '../config.ts';
import { WITHIN_API_GATEWAY } from '../constructs/access/http-endpoint.ts';
import { grantsIf } from '../constructs/base/grant.ts';
import { COMPLETE_TENANT, onIdentities, onTenants } from '../constructs/domains/ses-grants.ts';
import { defineFunction } from '../constructs/functions/function-definition.ts';
import { streamsVariable } from '../constructs/functions/streams-variable.ts';

/** A domain is made, looked at, changed and deleted in SES by its subject's routes. */
const IDENTITY_ACTIONS = [
  'CreateEmailIdentity',
  'GetEmailIdentity',
  'DeleteEmailIdentity',
  'PutEmailIdentityMailFromAttributes',
  'PutEmailIdentityFeedbackAttributes',
  'PutEmailIdentityDkimSigningAttributes',
];

export const controlApi = defineFunction({
  name: 'control-api',
  timeout: WITHIN_API_GATEWAY,
  environment: (parts) => ({
    MESSAGES_TABLE_NAME: parts.store.messages.tableName,
    CATALOG_TABLE_NAME: parts.store.catalog.tableName,
    SUPPRESSIONS_TABLE_NAME: parts.store.suppressions.tableName,
    EVENTS_TABLE_NAME: parts.store.events.tableName,
    SLOW_WEBHOOK_QUEUE_URL: parts.webhookQueues.slow.url,
    CONTENT_BUCKET_NAME: parts.store.content.bucketName,
    STREAMS: streamsVariable(parts),
    ATTACHMENT_QUEUE_URL: parts.attachmentQueue.url,
    SENDING_DOMAINS: parts.config.domains.join(','),
    MESSAGE_KEEP_DAYS: String(messageKeepDays(parts.config)),
  }),
  trigger: (lambda, { endpoint }) => endpoint.serveTheRest(lambda),
  grants: ({ stack, config, store: { grants }, streams, attachmentQueue, webhookQueues }) => [
    grants.messages('GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query'),
    grants.suppressions('GetItem', 'PutItem', 'DeleteItem', 'Query'),
    grants.catalog(['GetItem'], 'signingKey'),
    grants.catalog(
      ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query'],
      'apiKeys',
      'domains',
      'webhooks',
    ),
    grants.catalog(['GetItem', 'PutItem'], 'webhookHealth'),
    grants.catalog(['GetItem', 'PutItem', 'DeleteItem'], 'domainNames'),
    onIdentities(stack, ...IDENTITY_ACTIONS),
    grants.catalog(['PutItem', 'Query'], 'messageDays'),
    grants.catalog(['GetItem', 'UpdateItem'], 'dueMinutes'),
    grants.catalog(['GetItem', 'UpdateItem'], 'streams'),
    grants.catalog(['Query'], 'warmUp'),
    grants.catalog(['GetItem'], 'pace'),
    grants.catalog(['GetItem', 'PutItem'], 'reputation'),
    grants.events(['GetItem', 'Query'], 'log'),
    grants.events(['GetItem', 'PutItem', 'Query'], 'webhook'),
    webhookQueues.slow.sendGrant,
    grants.catalog(['DeleteItem'], 'deployment'),
    grants.events(['GetItem', 'PutItem', 'Query'], 'metrics'),
    ...grantsIf(
      config.tenants !== undefined,
      grants.catalog(['GetItem', 'PutItem', 'UpdateItem', 'Query'], 'tenants'),
      grants.catalog(['GetItem', 'UpdateItem'], 'tenantUsage'),
      onTenants(
        stack,
        streams.configurationSetArns,
        'CreateTenant',
        ...COMPLETE_TENANT,
        'DeleteTenantResourceAssociation',
      ),
    ),
    grants.objects('s3:PutObject', 'bodies', 'uploaded', 'scheduled'),
    grants.objects('s3:GetObject', 'bodies', 'uploaded', 'fetched', 'scheduled'),
    streams.sendGrant,
    attachmentQueue.sendGrant,
  ],
});
