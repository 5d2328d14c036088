/**
 * Send queue of one stream: claims each message by lease and gives it one attempt at SES. Delivered again, a record meets
 * the claim of its first delivery and sends nothing twice; what must wait comes back as a delayed copy.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { createAccountTable } from '../../shared/adapters/account-table.ts';
import { isAwsOutage } from '../../shared/adapters/aws-outage.ts';
import { createContentBucket } from '../../shared/adapters/content-bucket.ts';
import { createDueMinutes } from '../../shared/adapters/due-minutes.ts';
import { createDueRows } from '../../shared/adapters/due-rows-table.ts';
import { createDynamoDbClient } from '../../shared/adapters/dynamodb-client.ts';
import { createSingleMessages } from '../../shared/adapters/messages-table.ts';
import { createMxLookup } from '../../shared/adapters/mx-lookup.ts';
import { createPaceTable } from '../../shared/adapters/pace-table.ts';
import { createReputationTable } from '../../shared/adapters/reputation-table.ts';
import { createS3Client } from '../../shared/adapters/s3-client.ts';
import { createSendQueues } from '../../shared/adapters/send-queues.ts';
import { createSesMailer } from '../../shared/adapters/ses.ts';
import { createSesAccount } from '../../shared/adapters/ses-account.ts';
import { createSigningKeys } from '../../shared/adapters/signing-keys-table.ts';
import { createSqsClient } from '../../shared/adapters/sqs-client.ts';
import { createStreamStates } from '../../shared/adapters/stream-states-table.ts';
import { createSuppressionsTable } from '../../shared/adapters/suppressions-table.ts';
import { createTenantsTable } from '../../shared/adapters/tenants-table.ts';
import { createWarmUpLedger } from '../../shared/adapters/warm-up-ledger-table.ts';
import { sendJob } from '../../shared/contract/queue-body.ts';
import { createFreshReadings } from '../../shared/domain/account-readings.ts';
import { createAllowance } from '../../shared/domain/allowance.ts';
import { ATTACHMENT_LIMITS } from '../../shared/domain/mail-attachment.ts';
import { createPacer } from '../../shared/domain/pacer.ts';
import { createReputationCounter } from '../../shared/domain/reputation-counter.ts';
import { createSendWindow } from '../../shared/domain/send-window.ts';
import { systemClock as clock } from '../../shared/runtime/clock.ts';
import { readDnsServers, readEnvironment } from '../../shared/runtime/env.ts';
import { createIds } from '../../shared/runtime/ids.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { createReclaim } from '../../shared/runtime/memory.ts';
import { sqsStack } from '../../shared/runtime/sqs-stack.ts';
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

const environment = readEnvironment('send-message');
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
