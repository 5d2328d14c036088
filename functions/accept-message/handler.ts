/**
 * `POST /emails` and `POST /emails/batch`, called by the HTTP API: a 200 is given for stored mail alone. Nobody retries
 * this function but its caller, who is safe to with an idempotency key.
 */
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
import { httpStack } from '../../shared/runtime/http-stack.ts';
import { createIds } from '../../shared/runtime/ids.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { createDueMinutes } from '../../shared/scheduling/adapters/due-minutes.ts';
import { createDueRows } from '../../shared/scheduling/adapters/due-rows-table.ts';
import { createAcceptMessage } from '../../shared/submission/services/accept-message.ts';
import { routeOf } from '../../shared/submission/submission.ts';
import { createTenantLimits, createTenantUsage } from '../../shared/tenants/adapters/tenant-usage-table.ts';
import { createTenantQuota } from '../../shared/tenants/services/tenant-quota.ts';

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
    client,
    tableName: catalogTableName,
    clock,
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
