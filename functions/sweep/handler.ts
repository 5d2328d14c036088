/**
 * Every minute: what is due is released to its queues, and no accepted message is left without an end, whatever died on
 * its way. A retry, or two runs at once, do the same again: every write is conditional and a job that is queued twice is
 * claimed once.
 */

import type { Context, ScheduledEvent } from 'aws-lambda';
import { createDynamoDbClient } from '../../shared/base/adapters/dynamodb-client.ts';
import { createJobQueue } from '../../shared/base/adapters/job-queue.ts';
import { createS3Client } from '../../shared/base/adapters/s3-client.ts';
import { createSqsClient } from '../../shared/base/adapters/sqs-client.ts';
import { createDomainPages, createDomainsTable } from '../../shared/domains/adapters/domains-table.ts';
import { createSesIdentities } from '../../shared/domains/adapters/ses-identities.ts';
import { createBlockReader } from '../../shared/event-log/adapters/event-log-blocks.ts';
import { createBlockRows } from '../../shared/event-log/adapters/event-log-rows.ts';
import { decodeBlock } from '../../shared/event-log/contract/event-block-codec.ts';
import { PARTITION_COUNT } from '../../shared/event-log/event-block.ts';
import { createContentBucket } from '../../shared/messages/adapters/content-bucket.ts';
import { createMessagesTable } from '../../shared/messages/adapters/messages-table.ts';
import { createFetchQueue, createSendQueues } from '../../shared/messages/adapters/send-queues.ts';
import { createSweepCursors } from '../../shared/messages/adapters/sweep-cursors-table.ts';
import { createMetricCounters } from '../../shared/metrics/adapters/metric-counters-table.ts';
import { createAccountTable } from '../../shared/pace/adapters/account-table.ts';
import { createPaceTable } from '../../shared/pace/adapters/pace-table.ts';
import { createProviderReports } from '../../shared/pace/adapters/provider-reports-table.ts';
import { createSesAccount } from '../../shared/pace/adapters/ses-account.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { readEnvironment } from '../../shared/runtime/env.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { createDueMinutes } from '../../shared/scheduling/adapters/due-minutes.ts';
import { createDueRowReader } from '../../shared/scheduling/adapters/due-rows-reader.ts';
import { createDueRows } from '../../shared/scheduling/adapters/due-rows-table.ts';
import type { ReleaseJob } from '../../shared/scheduling/contract/release-job.ts';
import { createStreamStates } from '../../shared/streams/adapters/stream-states-table.ts';
import { createSesTenants } from '../../shared/tenants/adapters/ses-tenants.ts';
import { createTenantsTable } from '../../shared/tenants/adapters/tenants-table.ts';
import { createSesPools } from '../../shared/warm-up/adapters/ses-pools.ts';
import { createCountEvents } from './count-events.ts';
import { createSweep } from './messages/sweep.ts';
import { createAdjustCeilings } from './sending/adjust-ceilings.ts';
import { createReadAccount } from './sending/read-account.ts';
import { createReadPools } from './sending/read-pools.ts';
import { createWatchPauses } from './sending/watch-pauses.ts';
import { createTaskRunner } from './tasks.ts';
import { createRefreshDomains } from './tenants/refresh-domains.ts';
import { createRefreshTenants, createTenantNames } from './tenants/refresh-tenants.ts';

const environment = readEnvironment([
  'MESSAGES_TABLE_NAME',
  'CATALOG_TABLE_NAME',
  'EVENTS_TABLE_NAME',
  'CONTENT_BUCKET_NAME',
  'STREAMS',
  'ATTACHMENT_QUEUE_URL',
  'RELEASE_QUEUE_URL',
  'SENDING_DOMAINS',
]);
const client = createDynamoDbClient();
const sqs = createSqsClient();
const { messagesTableName: tableName, catalogTableName } = environment;

const log = createLogger('sweep');
const catalog = { client, tableName: catalogTableName };

const accounts = createAccountTable(client, catalogTableName, systemClock);
const states = createStreamStates({ ...catalog, clock: systemClock });
const { streams } = environment;
const readAccount = createReadAccount({
  account: createSesAccount(systemClock),
  readings: accounts,
  log,
});
const adjustCeilings = createAdjustCeilings({
  reports: createProviderReports(client, catalogTableName),
  pace: createPaceTable(client, catalogTableName),
  accounts,
  clock: systemClock,
  log,
});
const tenants = createTenantsTable({ ...catalog, clock: systemClock });
const domains = createDomainsTable(catalog);
const refreshTenants = createRefreshTenants({
  sesTenants: createSesTenants(),
  configuredDomains: environment.sendingDomains,
  streams,
  tenants,
  domains,
  clock: systemClock,
  log,
});
const watchPauses = createWatchPauses({ streams, states, tenants, log });
const readPools = createReadPools({
  pools: createSesPools(),
  streams,
  states,
  accounts,
  clock: systemClock,
  log,
});
const refreshDomains = createRefreshDomains({
  domains,
  pages: createDomainPages(catalog),
  identities: createSesIdentities(),
  clock: systemClock,
  log,
});
const blocks = createBlockReader({
  rows: createBlockRows({ client, tableName: environment.eventsTableName }),
  partitionCount: PARTITION_COUNT,
  decode: decodeBlock,
});
const tenantNames = createTenantNames({ streams, tenants });
const countEvents = createCountEvents({
  tenants: tenantNames,
  counters: createMetricCounters(client, environment.eventsTableName),
  blocks,
  clock: systemClock,
  log,
});
const dueMinutes = createDueMinutes(client, catalogTableName);
const sweep = createSweep({
  dueMinutes,
  dueRows: {
    ...createDueRows({ client, tableName, minutes: dueMinutes }),
    ...createDueRowReader({ client, tableName }),
  },
  releaseQueue: createJobQueue<ReleaseJob>(sqs, environment.releaseQueueUrl),
  messages: createMessagesTable({ client, tableName, catalogTableName }),
  objects: createContentBucket(createS3Client(), environment.contentBucketName),
  sendQueue: createSendQueues(sqs, streams),
  fetchQueue: createFetchQueue(sqs, environment.attachmentQueueUrl, streams),
  cursors: createSweepCursors(client, catalogTableName),
  tenants: tenantNames,
  clock: systemClock,
  log,
});

/** Each asks SES or the catalog; where they hang, release and checks still have most of the minute. */
const runTasks = createTaskRunner([
  ...[readAccount, adjustCeilings, watchPauses],
  ...[readPools, refreshDomains, refreshTenants, countEvents],
]);
const TASKS_UNTIL_REMAINING_MS = 40_000;

export const handler = async (_event: ScheduledEvent, context: Context): Promise<void> => {
  const remainingMs = () => context.getRemainingTimeInMillis();
  await runTasks(() => remainingMs() > TASKS_UNTIL_REMAINING_MS);
  await sweep(remainingMs);
};
