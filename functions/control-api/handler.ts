/**
 * `$default` of the HTTP API: everything that is asked and administered, and sends whose path is spelt oddly. Nobody
 * retries it but its caller; every write is the same when it is repeated, but for a new API key, which is then a second one.
 */
import { createApiKeysTable } from '../../shared/adapters/api-keys-table.ts';
import { createBootstrapTokens } from '../../shared/adapters/bootstrap-keys-table.ts';
import { createContentBucket } from '../../shared/adapters/content-bucket.ts';
import { createContentLinks } from '../../shared/adapters/content-links.ts';
import { createDynamoDbClient } from '../../shared/adapters/dynamodb-client.ts';
import { createMessagesTable } from '../../shared/adapters/messages-table.ts';
import { createS3Client } from '../../shared/adapters/s3-client.ts';
import { createJobQueue } from '../../shared/adapters/send-queues.ts';
import { createSigningKeys } from '../../shared/adapters/signing-keys-table.ts';
import { createSqsClient } from '../../shared/adapters/sqs-client.ts';
import { createSuppressionsTable } from '../../shared/adapters/suppressions-table.ts';
import { createAuthenticate } from '../../shared/contract/authentication.ts';
import { systemClock as clock } from '../../shared/runtime/clock.ts';
import { readEnvironment, readRegion } from '../../shared/runtime/env.ts';
import { htmlToText } from '../../shared/runtime/html-to-text.ts';
import { httpStack } from '../../shared/runtime/http-stack.ts';
import { createIds } from '../../shared/runtime/ids.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { createAcceptMessage } from '../accept-message/accept-message.ts';
import { createControlApi } from './control-api.ts';

const environment = readEnvironment('control-api');
const { messagesTableName, catalogTableName, suppressionsTableName, contentBucketName } = environment;
const log = createLogger('control-api');
const client = createDynamoDbClient();
const catalog = { client, tableName: catalogTableName };
const s3 = createS3Client();
const sqs = createSqsClient();

const apiKeys = createApiKeysTable({ ...catalog, clock });
const signingKeys = createSigningKeys(catalog);
const messages = createMessagesTable({ client, tableName: messagesTableName, catalogTableName });
const objects = {
  ...createContentBucket(s3, contentBucketName),
  ...createContentLinks(s3, contentBucketName),
};
const everywhere = { authenticate: createAuthenticate({ apiKeys, signingKeys }), messages, objects, clock };
const ids = createIds(clock);

const controlApi = createControlApi({
  ...everywhere,
  ...{ apiKeys, signingKeys, ids },
  bootstrapTokens: createBootstrapTokens(catalog),
  suppressions: createSuppressionsTable({ client, tableName: suppressionsTableName }),
  sendingDomains: environment.sendingDomains,
  region: readRegion(),
  acceptMessage: createAcceptMessage({
    ...everywhere,
    ids,
    sendQueue: createJobQueue(sqs, environment.sendQueueUrl),
    fetchQueue: createJobQueue(sqs, environment.attachmentQueueUrl),
    htmlToText,
    log,
    settings: environment,
  }),
});

export const handler = httpStack(controlApi, log);
