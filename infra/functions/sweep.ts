import { Duration } from 'aws-cdk-lib';
import { grantsIf } from '../constructs/base/grant.ts';
import {
  COMPLETE_TENANT,
  onIdentities,
  onTenants,
  READ_ACCOUNT,
  SET_AUTO_WARM_UP,
} from '../constructs/domains/ses-grants.ts';
import { defineFunction } from '../constructs/functions/function-definition.ts';
import type { PipelineParts } from '../constructs/functions/pipeline-parts.ts';
import { streamsVariable } from '../constructs/functions/streams-variable.ts';
import { Sweeper } from '../constructs/messages/sweeper.ts';

export const sweep = defineFunction({
  name: 'sweep',
  /** Ends before the next minute's run begins. */
  timeout: Duration.seconds(55),
  environment: (parts) => ({
    MESSAGES_TABLE_NAME: parts.store.messages.tableName,
    CATALOG_TABLE_NAME: parts.store.catalog.tableName,
    EVENTS_TABLE_NAME: parts.store.events.tableName,
    CONTENT_BUCKET_NAME: parts.store.content.bucketName,
    STREAMS: streamsVariable(parts),
    ATTACHMENT_QUEUE_URL: parts.attachmentQueue.url,
    RELEASE_QUEUE_URL: parts.releaseQueue.url,
    SENDING_DOMAINS: parts.config.domains.join(','),
  }),
  trigger: (lambda, { stack }) => new Sweeper(stack, 'Sweeper', { sweep: lambda }),
  grants: (parts) => [
    ...toReleaseMail(parts),
    ...toRefreshDomains(parts),
    ...toCountEvents(parts),
    ...toWatchSending(parts),
    ...toCompleteTenants(parts),
    ...toQueueAgain(parts),
  ],
});

const toReleaseMail = ({ store: { grants }, releaseQueue }: PipelineParts) => [
  grants.messages('GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query'),
  grants.catalog(['GetItem', 'PutItem'], 'sweepCursors'),
  grants.catalog(['Query'], 'messageDays'),
  grants.catalog(['GetItem', 'UpdateItem', 'Query', 'DeleteItem'], 'dueMinutes'),
  releaseQueue.sendGrant,
];

const toRefreshDomains = ({ stack, store: { grants } }: PipelineParts) => [
  grants.catalog(['Query', 'UpdateItem'], 'domains'),
  onIdentities(stack, 'GetEmailIdentity'),
];

const toCountEvents = ({ store: { grants } }: PipelineParts) => [
  grants.events(['GetItem', 'PutItem'], 'metrics'),
  grants.events(['Query'], 'log'),
];

const toWatchSending = ({ store: { grants }, streams: { standardPoolArns } }: PipelineParts) => {
  const hasPools = standardPoolArns.length > 0;
  return [
    grants.catalog(['GetItem', 'PutItem'], 'account'),
    grants.catalog(['GetItem', 'PutItem', 'DeleteItem'], 'pace'),
    grants.catalog(hasPools ? ['GetItem', 'UpdateItem'] : ['GetItem'], 'streams'),
    READ_ACCOUNT,
    ...grantsIf(
      hasPools,
      { actions: ['ses:GetDedicatedIps'], resources: standardPoolArns },
      SET_AUTO_WARM_UP,
    ),
  ];
};

const toCompleteTenants = ({ stack, config, store: { grants }, streams }: PipelineParts) =>
  grantsIf(
    config.tenants !== undefined,
    grants.catalog(['GetItem', 'UpdateItem', 'Query'], 'tenants'),
    onTenants(stack, streams.configurationSetArns, 'CreateTenant', ...COMPLETE_TENANT),
  );

const toQueueAgain = ({ store: { grants }, streams, attachmentQueue }: PipelineParts) => [
  grants.objects('s3:GetObject', 'bodies', 'fetched', 'scheduled'),
  grants.missingObjects,
  streams.sendGrant,
  attachmentQueue.sendGrant,
];
