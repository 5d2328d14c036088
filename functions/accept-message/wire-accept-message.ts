import { createApiKeysTable } from '../../shared/access/adapters/api-keys-table.ts';
import { createSigningKeys } from '../../shared/access/adapters/signing-keys-table.ts';
import { createAuthenticate } from '../../shared/access/services/authenticate.ts';
import { createDynamoDbClient } from '../../shared/base/adapters/dynamodb-client.ts';
import { createS3Client } from '../../shared/base/adapters/s3-client.ts';
import { createSqsClient } from '../../shared/base/adapters/sqs-client.ts';
import { createSendingDomains } from '../../shared/domains/adapters/sending-domains.ts';
import { createContentBucket } from '../../shared/messages/adapters/content-bucket.ts';
import { createMessagesTable } from '../../shared/messages/adapters/messages-table.ts';
import { createFetchQueue, createSendQueues } from '../../shared/messages/adapters/send-queues.ts';
import { systemClock as clock } from '../../shared/runtime/clock.ts';
import { readEnglishTime } from '../../shared/runtime/english-time.ts';
import { readEnvironment } from '../../shared/runtime/env.ts';
import { htmlToText } from '../../shared/runtime/html-to-text.ts';
import { createIds } from '../../shared/runtime/ids.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { createDueMinutes } from '../../shared/scheduling/adapters/due-minutes.ts';
import { createDueRows } from '../../shared/scheduling/adapters/due-rows-table.ts';
import { createAcceptMessage } from '../../shared/submission/services/accept-message.ts';
import { createTenantLimits, createTenantUsage } from '../../shared/tenants/adapters/tenant-usage-table.ts';
import { createTenantQuota } from '../../shared/tenants/services/tenant-quota.ts';

export function wireAcceptMessage(log: Logger) {
  const environment = readEnvironment([
    'MESSAGES_TABLE_NAME',
    'CATALOG_TABLE_NAME',
    'CONTENT_BUCKET_NAME',
    'STREAMS',
    'ATTACHMENT_QUEUE_URL',
    'SENDING_DOMAINS',
    'MESSAGE_KEEP_DAYS',
  ]);
  const { messagesTableName: tableName, catalogTableName, streams } = environment;
  const client = createDynamoDbClient();
  const catalog = { client, tableName: catalogTableName };
  const sqs = createSqsClient();
  return createAcceptMessage({
    authenticate: createAuthenticate({
      apiKeys: createApiKeysTable({ ...catalog, clock }),
      signingKeys: createSigningKeys(catalog),
      streams,
    }),
    messages: createMessagesTable({ client, tableName, catalogTableName }),
    objects: createContentBucket(createS3Client(), environment.contentBucketName),
    sendQueue: createSendQueues(sqs, streams),
    fetchQueue: createFetchQueue(sqs, environment.attachmentQueueUrl, streams),
    dueRows: createDueRows({ client, tableName, minutes: createDueMinutes(client, catalogTableName) }),
    htmlToText,
    readEnglishTime,
    clock,
    ids: createIds(clock),
    log,
    sendingDomains: createSendingDomains({ ...catalog, clock, configured: environment.sendingDomains }),
    quota: createTenantQuota({
      settings: streams.tenants,
      limits: createTenantLimits(client, catalogTableName),
      usage: createTenantUsage(client, catalogTableName),
      clock,
    }),
    settings: environment,
  });
}
