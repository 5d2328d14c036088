/**
 * Send queue of one stream: claims each message by lease and gives it one attempt at SES. Delivered again, a record meets
 * the claim of its first delivery and sends nothing twice; what must wait comes back as a delayed copy.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { createSigningKeys } from '../../shared/access/adapters/signing-keys-table.ts';
import { isAwsOutage } from '../../shared/base/adapters/aws-outage.ts';
import { createDynamoDbClient } from '../../shared/base/adapters/dynamodb-client.ts';
import { createS3Client } from '../../shared/base/adapters/s3-client.ts';
import { createSqsClient } from '../../shared/base/adapters/sqs-client.ts';
import { ATTACHMENT_LIMITS } from '../../shared/mail/mail-attachment.ts';
import { createContentBucket } from '../../shared/messages/adapters/content-bucket.ts';
import { createSingleMessages } from '../../shared/messages/adapters/messages-table.ts';
import { createSendQueues } from '../../shared/messages/adapters/send-queues.ts';
import { sendJob } from '../../shared/messages/contract/queue-body.ts';
import { createAccountTable } from '../../shared/pace/adapters/account-table.ts';
import { createMxLookup } from '../../shared/pace/adapters/mx-lookup.ts';
import { createPaceTable } from '../../shared/pace/adapters/pace-table.ts';
import { createSesAccount } from '../../shared/pace/adapters/ses-account.ts';
import { createFreshReadings } from '../../shared/pace/services/account-readings.ts';
import { createPacer } from '../../shared/pace/services/pacer.ts';
import { createSendWindow } from '../../shared/pace/services/send-window.ts';
import { createReputationTable } from '../../shared/reputation/adapters/reputation-table.ts';
import { createReputationCounter } from '../../shared/reputation/services/reputation-counter.ts';
import { systemClock as clock } from '../../shared/runtime/clock.ts';
import { createReclaim } from '../../shared/runtime/collect-garbage.ts';
import { readDnsServers, readEnvironment } from '../../shared/runtime/env.ts';
import { createIds } from '../../shared/runtime/ids.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { sqsStack } from '../../shared/runtime/sqs-stack.ts';
import { createDueMinutes } from '../../shared/scheduling/adapters/due-minutes.ts';
import { createDueRows } from '../../shared/scheduling/adapters/due-rows-table.ts';
import { createSesMailer } from '../../shared/sending/adapters/ses.ts';
import { createStreamStates } from '../../shared/streams/adapters/stream-states-table.ts';
import { createSuppressionsTable } from '../../shared/suppressions/adapters/suppressions-table.ts';
import { createTenantsTable } from '../../shared/tenants/adapters/tenants-table.ts';
import { createWarmUpLedger } from '../../shared/warm-up/adapters/warm-up-ledger-table.ts';
import { createAllowance } from '../../shared/warm-up/services/allowance.ts';
import { createByteGate } from './byte-gate.ts';
import { createReputation } from './count-sent.ts';
import { createSendMessage } from './send-message.ts';

/** Mails above 10 MB are slowed down by SES. */
const SEND_TIMEOUT_MS = 30_000;
const CONNECTION_TIMEOUT_MS = 3_000;
/** A slot that is further ahead is waited for in the queue. */
const LONGEST_PACE_WAIT_MS = 10_000;
/** Attachments are read, and the outcome is written, beside the request itself. */
const ATTEMPT_MS = LONGEST_PACE_WAIT_MS + SEND_TIMEOUT_MS + 20_000;
/** A new account may send so much; it holds only while SES cannot be asked. */
const SANDBOX = { maxSendRate: 1, max24HourSend: 200 };
const LEASE_MARGIN_MS = 30_000;

const environment = readEnvironment([
  'MESSAGES_TABLE_NAME',
  'CATALOG_TABLE_NAME',
  'SUPPRESSIONS_TABLE_NAME',
  'CONTENT_BUCKET_NAME',
  'STREAMS',
  'PUBLIC_URL',
  'MESSAGE_KEEP_DAYS',
  'FUNCTION_TIMEOUT_SECONDS',
]);
const log = createLogger('send-message');
const client = createDynamoDbClient();
const { catalogTableName, streams } = environment;
const ids = createIds(clock);
const messages = createSingleMessages({ client, tableName: environment.messagesTableName });

const counter = createReputationCounter(createReputationTable(client, catalogTableName), clock);
const allowance = createAllowance({ ledger: createWarmUpLedger(client, catalogTableName), clock });

export const handler = sqsStack({
  queue: 'send',
  parse: (value) => sendJob.parse(value),
  process: createSendMessage({
    messages,
    suppressions: createSuppressionsTable({ client, tableName: environment.suppressionsTableName }),
    objects: createContentBucket(createS3Client(), environment.contentBucketName),
    mailer: createSesMailer({
      connectionTimeoutMs: CONNECTION_TIMEOUT_MS,
      requestTimeoutMs: SEND_TIMEOUT_MS,
    }),
    queue: createSendQueues(createSqsClient(), streams),
    dueRows: createDueRows({
      ...{ client, tableName: environment.messagesTableName },
      minutes: createDueMinutes(client, catalogTableName),
    }),
    streamStates: createStreamStates({ client, tableName: catalogTableName, clock }),
    tenants: createTenantsTable({ client, tableName: catalogTableName, clock }),
    pacer: createPacer({
      store: createPaceTable(client, catalogTableName),
      accounts: createFreshReadings({
        ...{ clock, log, account: createSesAccount(clock) },
        stored: createAccountTable(client, catalogTableName, clock),
      }),
      shares: Object.fromEntries(streams.all.map(({ name, ratePercent }) => [name, ratePercent])),
      assumed: SANDBOX,
      workerId: ids.next(),
      longestWaitMs: LONGEST_PACE_WAIT_MS,
      ...{ clock, sleep, jitter: Math.random },
    }),
    allowance,
    providers: createMxLookup({ clock, ...readDnsServers() }),
    reputation: createReputation(counter),
    sleep,
    window: createSendWindow({ clock, sleep }),
    gate: createByteGate(ATTACHMENT_LIMITS.totalEncodedBytes, createReclaim()),
    isOutage: isAwsOutage,
    streams,
    signingKeys: createSigningKeys({ client, tableName: catalogTableName }),
    publicUrl: environment.publicUrl,
    leaseMs: environment.functionTimeoutSeconds * 1000 + LEASE_MARGIN_MS,
    attemptMs: ATTEMPT_MS,
    messageKeepDays: environment.messageKeepDays,
    ids,
    clock,
    jitter: Math.random,
    log,
  }),
  messageIdOf: ({ messageId }) => messageId,
  afterBatch: [() => counter.flush(), allowance.flush],
  recordFailure: messages.putFailureRecord,
  clock,
  logger: log,
});
