/**
 * `$default` of the HTTP API: everything that is asked and administered, and sends whose path is spelt oddly. Nobody
 * retries it but its caller; every write is the same when it is repeated, but for what is made anew: a key, a webhook or
 * a secret.
 */

import { randomBytes } from 'node:crypto';
import { createApiKeysTable } from '../../shared/access/adapters/api-keys-table.ts';
import { createBootstrapTokens } from '../../shared/access/adapters/bootstrap-keys-table.ts';
import { createSigningKeys } from '../../shared/access/adapters/signing-keys-table.ts';
import { createAuthenticate } from '../../shared/access/services/authenticate.ts';
import { createDynamoDbClient } from '../../shared/base/adapters/dynamodb-client.ts';
import { createS3Client } from '../../shared/base/adapters/s3-client.ts';
import { createSqsClient } from '../../shared/base/adapters/sqs-client.ts';
import { createDnsResolver } from '../../shared/domains/adapters/dns-resolver.ts';
import { createDomainsTable } from '../../shared/domains/adapters/domains-table.ts';
import { createSendingDomains } from '../../shared/domains/adapters/sending-domains.ts';
import { createSesIdentities } from '../../shared/domains/adapters/ses-identities.ts';
import { createBlockReader } from '../../shared/event-log/adapters/event-log-blocks.ts';
import { createEventLogReader } from '../../shared/event-log/adapters/event-log-reader.ts';
import { createBlockRows } from '../../shared/event-log/adapters/event-log-rows.ts';
import { decodeBlock } from '../../shared/event-log/contract/event-block-codec.ts';
import { PARTITION_COUNT } from '../../shared/event-log/event-block.ts';
import { createContentBucket } from '../../shared/messages/adapters/content-bucket.ts';
import { createContentLinks } from '../../shared/messages/adapters/content-links.ts';
import { createMessagesTable } from '../../shared/messages/adapters/messages-table.ts';
import { createFetchQueue, createSendQueues } from '../../shared/messages/adapters/send-queues.ts';
import { createMetricCounters } from '../../shared/metrics/adapters/metric-counters-table.ts';
import { createPaceTable } from '../../shared/pace/adapters/pace-table.ts';
import { createReputationTable } from '../../shared/reputation/adapters/reputation-table.ts';
import { systemClock as clock } from '../../shared/runtime/clock.ts';
import { readEnglishTime } from '../../shared/runtime/english-time.ts';
import { readDnsServers, readEnvironment, readLocalWebhooks, readRegion } from '../../shared/runtime/env.ts';
import { htmlToText } from '../../shared/runtime/html-to-text.ts';
import { httpStack } from '../../shared/runtime/http-stack.ts';
import { createIds } from '../../shared/runtime/ids.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { registrableDomainOf } from '../../shared/runtime/registrable-domain.ts';
import { createDueMinutes } from '../../shared/scheduling/adapters/due-minutes.ts';
import { createDueRows } from '../../shared/scheduling/adapters/due-rows-table.ts';
import { createStreamStates } from '../../shared/streams/adapters/stream-states-table.ts';
import { createAcceptMessage } from '../../shared/submission/services/accept-message.ts';
import { createSuppressionsTable } from '../../shared/suppressions/adapters/suppressions-table.ts';
import { createSesTenants } from '../../shared/tenants/adapters/ses-tenants.ts';
import { createTenantLimits, createTenantUsage } from '../../shared/tenants/adapters/tenant-usage-table.ts';
import { createTenantsTable } from '../../shared/tenants/adapters/tenants-table.ts';
import { createTenantQuota } from '../../shared/tenants/services/tenant-quota.ts';
import { createWarmUpLedger } from '../../shared/warm-up/adapters/warm-up-ledger-table.ts';
import { createSlowWebhookQueue } from '../../shared/webhooks/adapters/slow-webhook-queue.ts';
import { createWebhookDeliveriesTable } from '../../shared/webhooks/adapters/webhook-deliveries-table.ts';
import { createWebhookHealthTable } from '../../shared/webhooks/adapters/webhook-health-table.ts';
import { createWebhooksTable } from '../../shared/webhooks/adapters/webhooks-table.ts';
import type { WebhookQueueJob } from '../../shared/webhooks/contract/webhook-job.ts';
import { formatWebhookSecret } from '../../shared/webhooks/webhook-secret.ts';
import { createControlApi } from './control-api.ts';

const environment = readEnvironment([
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
const { messagesTableName, catalogTableName, suppressionsTableName, contentBucketName, streams } =
  environment;
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
const tenants = createTenantsTable({ ...catalog, clock });
const tenantUsage = createTenantUsage(client, catalogTableName);
const everywhere = {
  authenticate: createAuthenticate({ apiKeys, signingKeys, streams }),
  messages,
  objects,
  clock,
  log,
  dueRows: createDueRows({
    client,
    tableName: messagesTableName,
    minutes: createDueMinutes(client, catalogTableName),
  }),
  sendQueue: createSendQueues(sqs, streams),
  fetchQueue: createFetchQueue(sqs, environment.attachmentQueueUrl, streams),
  readEnglishTime,
  settings: environment,
};
const ids = createIds(clock);

const controlApi = createControlApi({
  ...everywhere,
  apiKeys,
  signingKeys,
  ids,
  blocks: createBlockReader({
    rows: createBlockRows({ client, tableName: environment.eventsTableName }),
    partitionCount: PARTITION_COUNT,
    decode: decodeBlock,
  }),
  counters: createMetricCounters(client, environment.eventsTableName),
  bootstrapTokens: createBootstrapTokens(catalog),
  suppressions: createSuppressionsTable({ client, tableName: suppressionsTableName }),
  domains: createDomainsTable(catalog),
  identities: createSesIdentities(),
  dns: createDnsResolver(readDnsServers()),
  zoneOf: registrableDomainOf,
  streams,
  streamStates: createStreamStates({ ...catalog, clock }),
  ledger: createWarmUpLedger(client, catalogTableName),
  reputations: createReputationTable(client, catalogTableName),
  pace: createPaceTable(client, catalogTableName),
  tenants,
  tenantUsage,
  sesTenants: createSesTenants(),
  webhooks: createWebhooksTable(client, catalogTableName),
  webhookHealth: createWebhookHealthTable({ client, tableName: catalogTableName, clock }),
  webhookDeliveries: createWebhookDeliveriesTable({ client, tableName: environment.eventsTableName, clock }),
  eventLog: createEventLogReader({ client, tableName: environment.eventsTableName, clock }),
  slowWebhookQueue: createSlowWebhookQueue<WebhookQueueJob>(sqs, environment.slowWebhookQueueUrl),
  newWebhookSecret: () => formatWebhookSecret(randomBytes(32)),
  webhookRules: readLocalWebhooks(),
  configuredDomains: environment.sendingDomains,
  region: readRegion(),
  acceptMessage: createAcceptMessage({
    ...everywhere,
    ids,
    htmlToText,
    quota: createTenantQuota({
      settings: streams.tenants,
      limits: createTenantLimits(client, catalogTableName),
      usage: tenantUsage,
      clock,
    }),
    sendingDomains: createSendingDomains({ ...catalog, clock, configured: environment.sendingDomains }),
  }),
});

export const handler = httpStack(controlApi, log);
