/**
 * `$default` of the HTTP API: everything that is asked and administered, and sends whose path is spelt oddly. Nobody
 * retries it but its caller; every write is the same when it is repeated, but for what is made anew: a key, a webhook or
 * a secret.
 */
import { randomBytes } from 'node:crypto';
import { createApiKeysTable } from '../../shared/adapters/api-keys-table.ts';
import { createBootstrapTokens } from '../../shared/adapters/bootstrap-keys-table.ts';
import { createContentBucket } from '../../shared/adapters/content-bucket.ts';
import { createContentLinks } from '../../shared/adapters/content-links.ts';
import { createDnsResolver } from '../../shared/adapters/dns-resolver.ts';
import { createDomainsTable } from '../../shared/adapters/domains-table.ts';
import { createDueMinutes } from '../../shared/adapters/due-minutes.ts';
import { createDueRows } from '../../shared/adapters/due-rows-table.ts';
import { createDynamoDbClient } from '../../shared/adapters/dynamodb-client.ts';
import { createEventLogReader } from '../../shared/adapters/event-log-reader.ts';
import { createSegmentRows } from '../../shared/adapters/event-log-rows.ts';
import { createSegmentReader } from '../../shared/adapters/event-log-segments.ts';
import { createMessagesTable } from '../../shared/adapters/messages-table.ts';
import { createMetricCounters } from '../../shared/adapters/metric-counters-table.ts';
import { createPaceTable } from '../../shared/adapters/pace-table.ts';
import { createReputationTable } from '../../shared/adapters/reputation-table.ts';
import { createS3Client } from '../../shared/adapters/s3-client.ts';
import {
  createFetchQueue,
  createSendQueues,
  createSlowWebhookQueue,
} from '../../shared/adapters/send-queues.ts';
import { createSendingDomains } from '../../shared/adapters/sending-domains.ts';
import { createSesIdentities } from '../../shared/adapters/ses-identities.ts';
import { createSesTenants } from '../../shared/adapters/ses-tenants.ts';
import { createSigningKeys } from '../../shared/adapters/signing-keys-table.ts';
import { createSqsClient } from '../../shared/adapters/sqs-client.ts';
import { createStreamStates } from '../../shared/adapters/stream-states-table.ts';
import { createSuppressionsTable } from '../../shared/adapters/suppressions-table.ts';
import { createTenantLimits, createTenantUsage } from '../../shared/adapters/tenant-usage-table.ts';
import { createTenantsTable } from '../../shared/adapters/tenants-table.ts';
import { createWarmUpLedger } from '../../shared/adapters/warm-up-ledger-table.ts';
import { createWebhookDeliveriesTable } from '../../shared/adapters/webhook-deliveries-table.ts';
import { createWebhookHealthTable } from '../../shared/adapters/webhook-health-table.ts';
import { createWebhooksTable } from '../../shared/adapters/webhooks-table.ts';
import { createAuthenticate } from '../../shared/contract/authentication.ts';
import { decodeSegment } from '../../shared/contract/event-segment-codec.ts';
import type { WebhookQueueJob } from '../../shared/contract/webhook-job.ts';
import { LANE_COUNT } from '../../shared/domain/event-segment.ts';
import { createTenantQuota } from '../../shared/domain/tenant-quota.ts';
import { formatWebhookSecret } from '../../shared/domain/webhook-secret.ts';
import { systemClock as clock } from '../../shared/runtime/clock.ts';
import { readEnglishTime } from '../../shared/runtime/english-time.ts';
import { readDnsServers, readEnvironment, readLocalWebhooks, readRegion } from '../../shared/runtime/env.ts';
import { htmlToText } from '../../shared/runtime/html-to-text.ts';
import { httpStack } from '../../shared/runtime/http-stack.ts';
import { createIds } from '../../shared/runtime/ids.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { registrableDomainOf } from '../../shared/runtime/registrable-domain.ts';
import { createAcceptMessage } from '../accept-message/accept-message.ts';
import { createControlApi } from './control-api.ts';

const environment = readEnvironment('control-api');
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
  ...{ authenticate: createAuthenticate({ apiKeys, signingKeys, streams }), messages, objects, clock, log },
  dueRows: createDueRows({
    ...{ client, tableName: messagesTableName },
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
  ...{ apiKeys, signingKeys, ids },
  segments: createSegmentReader({
    rows: createSegmentRows({ client, tableName: environment.eventsTableName }),
    laneCount: LANE_COUNT,
    decode: decodeSegment,
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
  ...{ tenants, tenantUsage },
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
