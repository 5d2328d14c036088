import { createApiKeysTable } from '../../shared/access/adapters/api-keys-table.ts';
import { createSigningKeys } from '../../shared/access/adapters/signing-keys-table.ts';
import { createAuthenticate } from '../../shared/access/services/authenticate.ts';
import { createDynamoDbClient } from '../../shared/base/adapters/dynamodb-client.ts';
import { createS3Client } from '../../shared/base/adapters/s3-client.ts';
import { createSqsClient } from '../../shared/base/adapters/sqs-client.ts';
import { createDomainsTable } from '../../shared/domains/adapters/domains-table.ts';
import { createContentBucket } from '../../shared/messages/adapters/content-bucket.ts';
import { createContentLinks } from '../../shared/messages/adapters/content-links.ts';
import { createMessagesTable } from '../../shared/messages/adapters/messages-table.ts';
import { createFetchQueue, createSendQueues } from '../../shared/messages/adapters/send-queues.ts';
import { systemClock as clock } from '../../shared/runtime/clock.ts';
import { readEnglishTime } from '../../shared/runtime/english-time.ts';
import { readEnvironment } from '../../shared/runtime/env.ts';
import { createIds } from '../../shared/runtime/ids.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { createDueMinutes } from '../../shared/scheduling/adapters/due-minutes.ts';
import { createDueRows } from '../../shared/scheduling/adapters/due-rows-table.ts';
import { createSesTenants } from '../../shared/tenants/adapters/ses-tenants.ts';
import { createTenantsTable } from '../../shared/tenants/adapters/tenants-table.ts';

const readOwnEnvironment = () =>
  readEnvironment([
    'MESSAGES_TABLE_NAME',
    'CATALOG_TABLE_NAME',
    'SUPPRESSIONS_TABLE_NAME',
    'EVENTS_TABLE_NAME',
    'SLOW_WEBHOOK_QUEUE_URL',
    'CONTENT_BUCKET_NAME',
    'STREAMS',
    'ATTACHMENT_QUEUE_URL',
    'SENDING_DOMAINS',
    'MESSAGE_KEEP_DAYS',
  ]);

/** What the wiring of every subject begins with; made once, so that what remembers its reads remembers them for all. */
export type CommonDeps = ReturnType<typeof createCommonDeps>;

export function createCommonDeps() {
  const environment = readOwnEnvironment();
  const client = createDynamoDbClient();
  const sqs = createSqsClient();
  const catalog = { client, tableName: environment.catalogTableName };
  const apiKeys = createApiKeysTable({ ...catalog, clock });
  const signingKeys = createSigningKeys(catalog);
  return {
    environment,
    client,
    sqs,
    catalog,
    clock,
    ids: createIds(clock),
    log: createLogger('control-api'),
    apiKeys,
    signingKeys,
    domains: createDomainsTable(catalog),
    tenants: createTenantsTable({ ...catalog, clock }),
    sesTenants: createSesTenants(),
    authenticate: createAuthenticate({ apiKeys, signingKeys, streams: environment.streams }),
    mail: createMailDeps(environment, client, sqs),
  };
}

/** Where mail is kept and queued. */
function createMailDeps(
  environment: ReturnType<typeof readOwnEnvironment>,
  client: ReturnType<typeof createDynamoDbClient>,
  sqs: ReturnType<typeof createSqsClient>,
) {
  const { messagesTableName: tableName, catalogTableName, contentBucketName, streams } = environment;
  const s3 = createS3Client();
  return {
    messages: createMessagesTable({ client, tableName, catalogTableName }),
    objects: { ...createContentBucket(s3, contentBucketName), ...createContentLinks(s3, contentBucketName) },
    dueRows: createDueRows({ client, tableName, minutes: createDueMinutes(client, catalogTableName) }),
    sendQueue: createSendQueues(sqs, streams),
    fetchQueue: createFetchQueue(sqs, environment.attachmentQueueUrl, streams),
    readEnglishTime,
    settings: environment,
  };
}
