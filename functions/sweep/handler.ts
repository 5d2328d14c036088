/**
 * Every minute: what is due is released to its queues, and no accepted message is left without an end, whatever died on
 * its way. A retry, or two runs at once, do the same again: every write is conditional and a job that is queued twice is
 * claimed once.
 */
import type { Context, ScheduledEvent } from 'aws-lambda';
import { createAccountTable } from '../../shared/adapters/account-table.ts';
import { createContentBucket } from '../../shared/adapters/content-bucket.ts';
import { createDomainPages, createDomainsTable } from '../../shared/adapters/domains-table.ts';
import { createDueMinutes } from '../../shared/adapters/due-minutes.ts';
import { createDueRowReader } from '../../shared/adapters/due-rows-reader.ts';
import { createDueRows } from '../../shared/adapters/due-rows-table.ts';
import { createDynamoDbClient } from '../../shared/adapters/dynamodb-client.ts';
import { createSegmentRows } from '../../shared/adapters/event-log-rows.ts';
import { createSegmentReader } from '../../shared/adapters/event-log-segments.ts';
import { createMessagesTable } from '../../shared/adapters/messages-table.ts';
import { createMetricCounters } from '../../shared/adapters/metric-counters-table.ts';
import { createPaceTable } from '../../shared/adapters/pace-table.ts';
import { createProviderReports } from '../../shared/adapters/provider-reports-table.ts';
import { createS3Client } from '../../shared/adapters/s3-client.ts';
import { createFetchQueue, createJobQueue, createSendQueues } from '../../shared/adapters/send-queues.ts';
import { createSesAccount } from '../../shared/adapters/ses-account.ts';
import { createSesIdentities } from '../../shared/adapters/ses-identities.ts';
import { createSesPools } from '../../shared/adapters/ses-pools.ts';
import { createSesTenants } from '../../shared/adapters/ses-tenants.ts';
import { createSqsClient } from '../../shared/adapters/sqs-client.ts';
import { createStreamStates } from '../../shared/adapters/stream-states-table.ts';
import { createSweepCursors } from '../../shared/adapters/sweep-cursors-table.ts';
import { createTenantsTable } from '../../shared/adapters/tenants-table.ts';
import { decodeSegment } from '../../shared/contract/event-segment-codec.ts';
import type { ReleaseJob } from '../../shared/contract/queue-body.ts';
import { LANE_COUNT } from '../../shared/domain/event-segment.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { readEnvironment } from '../../shared/runtime/env.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { createAdjustCeilings } from './adjust-ceilings.ts';
import { createCountEvents } from './count-events.ts';
import { createErrands } from './errands.ts';
import { createReadAccount } from './read-account.ts';
import { createReadPools } from './read-pools.ts';
import { createRefreshDomains } from './refresh-domains.ts';
import { createRefreshTenants, createTenantNames } from './refresh-tenants.ts';
import { createSweep } from './sweep.ts';
import { createWatchPauses } from './watch-pauses.ts';

const environment = readEnvironment('sweep');
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
  ...{ accounts, clock: systemClock, log },
});
const tenants = createTenantsTable({ ...catalog, clock: systemClock });
const domains = createDomainsTable(catalog);
const refreshTenants = createRefreshTenants({
  sesTenants: createSesTenants(),
  configuredDomains: environment.sendingDomains,
  ...{ streams, tenants, domains, clock: systemClock, log },
});
const watchPauses = createWatchPauses({ streams, states, tenants, log });
const readPools = createReadPools({
  pools: createSesPools(),
  ...{ streams, states, accounts, clock: systemClock, log },
});
const refreshDomains = createRefreshDomains({
  domains,
  pages: createDomainPages(catalog),
  identities: createSesIdentities(),
  clock: systemClock,
  log,
});
const segments = createSegmentReader({
  rows: createSegmentRows({ client, tableName: environment.eventsTableName }),
  laneCount: LANE_COUNT,
  decode: decodeSegment,
});
const tenantNames = createTenantNames({ streams, tenants });
const countEvents = createCountEvents({
  tenants: tenantNames,
  counters: createMetricCounters(client, environment.eventsTableName),
  ...{ segments, clock: systemClock, log },
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
const runErrands = createErrands([
  ...[readAccount, adjustCeilings, watchPauses],
  ...[readPools, refreshDomains, refreshTenants, countEvents],
]);
const ERRANDS_UNTIL_REMAINING_MS = 40_000;

export const handler = async (_event: ScheduledEvent, context: Context): Promise<void> => {
  const remainingMs = () => context.getRemainingTimeInMillis();
  await runErrands(() => remainingMs() > ERRANDS_UNTIL_REMAINING_MS);
  await sweep(remainingMs);
};
