/**
 * `POST /emails` and `POST /emails/batch`, called by the HTTP API: a 200 is given for stored mail alone. Nobody retries
 * this function but its caller, who is safe to with an idempotency key.
 */
import { createApiKeysTable } from '../../shared/adapters/api-keys-table.ts';
import { createContentBucket } from '../../shared/adapters/content-bucket.ts';
import { createDueMinutes } from '../../shared/adapters/due-minutes.ts';
import { createDueRows } from '../../shared/adapters/due-rows-table.ts';
import { createDynamoDbClient } from '../../shared/adapters/dynamodb-client.ts';
import { createMessagesTable } from '../../shared/adapters/messages-table.ts';
import { createS3Client } from '../../shared/adapters/s3-client.ts';
import { createFetchQueue, createSendQueues } from '../../shared/adapters/send-queues.ts';
import { createSendingDomains } from '../../shared/adapters/sending-domains.ts';
import { createSigningKeys } from '../../shared/adapters/signing-keys-table.ts';
import { createSqsClient } from '../../shared/adapters/sqs-client.ts';
import { createTenantLimits, createTenantUsage } from '../../shared/adapters/tenant-usage-table.ts';
import { createAuthenticate } from '../../shared/contract/authentication.ts';
import { createTenantQuota } from '../../shared/domain/tenant-quota.ts';
import { systemClock as clock } from '../../shared/runtime/clock.ts';
import { readEnglishTime } from '../../shared/runtime/english-time.ts';
import { readEnvironment } from '../../shared/runtime/env.ts';
import { htmlToText } from '../../shared/runtime/html-to-text.ts';
import { httpStack } from '../../shared/runtime/http-stack.ts';
import { createIds } from '../../shared/runtime/ids.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { createAcceptMessage, routeOf } from './accept-message.ts';

const environment = readEnvironment('accept-message');
const { messagesTableName: tableName, catalogTableName, streams } = environment;
const log = createLogger('accept-message');
const client = createDynamoDbClient();
const sqs = createSqsClient();

const acceptMessage = createAcceptMessage({
  authenticate: createAuthenticate({
    apiKeys: createApiKeysTable({ client, tableName: catalogTableName, clock }),
    signingKeys: createSigningKeys({ client, tableName: catalogTableName }),
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
  sendingDomains: createSendingDomains({
    ...{ client, tableName: catalogTableName, clock },
    configured: environment.sendingDomains,
  }),
  quota: createTenantQuota({
    settings: streams.tenants,
    limits: createTenantLimits(client, catalogTableName),
    usage: createTenantUsage(client, catalogTableName),
    clock,
  }),
  settings: environment,
});

export const handler = httpStack(
  ({ path, headers, body }) => acceptMessage({ route: routeOf(path), headers, body }),
  log,
);
