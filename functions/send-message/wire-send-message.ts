import { setTimeout as sleep } from 'node:timers/promises';
import { createSigningKeys } from '../../shared/access/adapters/signing-keys-table.ts';
import { isAwsOutage } from '../../shared/base/adapters/aws-outage.ts';
import { createDynamoDbClient } from '../../shared/base/adapters/dynamodb-client.ts';
import { createS3Client } from '../../shared/base/adapters/s3-client.ts';
import { createSqsClient } from '../../shared/base/adapters/sqs-client.ts';
import type { Ids } from '../../shared/base/ports.ts';
import { ATTACHMENT_LIMITS } from '../../shared/mail/mail-attachment.ts';
import { createContentBucket } from '../../shared/messages/adapters/content-bucket.ts';
import { createSingleMessages } from '../../shared/messages/adapters/messages-table.ts';
import { createSendQueues } from '../../shared/messages/adapters/send-queues.ts';
import { createAccountTable } from '../../shared/pace/adapters/account-table.ts';
import { createMxLookup } from '../../shared/pace/adapters/mx-lookup.ts';
import { createPaceTable } from '../../shared/pace/adapters/pace-table.ts';
import { createSesAccount } from '../../shared/pace/adapters/ses-account.ts';
import { createFreshReadings } from '../../shared/pace/services/account-readings.ts';
import { createPacer, type Pacer } from '../../shared/pace/services/pacer.ts';
import { createSendWindow } from '../../shared/pace/services/send-window.ts';
import { createReputationTable } from '../../shared/reputation/adapters/reputation-table.ts';
import { createCountSent } from '../../shared/reputation/services/count-sent.ts';
import { createReputationCounter } from '../../shared/reputation/services/reputation-counter.ts';
import { systemClock as clock } from '../../shared/runtime/clock.ts';
import { createReclaim } from '../../shared/runtime/collect-garbage.ts';
import { type Environment, readDnsServers } from '../../shared/runtime/env.ts';
import { createIds } from '../../shared/runtime/ids.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { createDueMinutes } from '../../shared/scheduling/adapters/due-minutes.ts';
import { createDueRows } from '../../shared/scheduling/adapters/due-rows-table.ts';
import { createSesMailer } from '../../shared/sending/adapters/ses.ts';
import { createStreamStates } from '../../shared/streams/adapters/stream-states-table.ts';
import { findSuppressed } from '../../shared/suppressions/adapters/suppressions-table-check.ts';
import { createTenantsTable } from '../../shared/tenants/adapters/tenants-table.ts';
import { createWarmUpLedger } from '../../shared/warm-up/adapters/warm-up-ledger-table.ts';
import { createAllowance } from '../../shared/warm-up/services/allowance.ts';
import { composeSendMessage, type SendLimits, type SendStores } from './compose-send-message.ts';
import { createMemoryGate } from './memory-gate.ts';

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

type SendEnvironment = Environment<
  | 'MESSAGES_TABLE_NAME'
  | 'CATALOG_TABLE_NAME'
  | 'SUPPRESSIONS_TABLE_NAME'
  | 'CONTENT_BUCKET_NAME'
  | 'STREAMS'
  | 'PUBLIC_URL'
  | 'MESSAGE_KEEP_DAYS'
  | 'FUNCTION_TIMEOUT_SECONDS'
>;

interface Wiring {
  readonly environment: SendEnvironment;
  readonly client: ReturnType<typeof createDynamoDbClient>;
  readonly ids: Ids;
  readonly log: Logger;
}

/** Builds the adapters of a worker once, and the use case on them. */
export function wireSendMessage(environment: SendEnvironment, log: Logger) {
  const client = createDynamoDbClient();
  const { catalogTableName, streams } = environment;
  const catalog = { client, tableName: catalogTableName, clock };
  const ids = createIds(clock);
  const wiring = { environment, client, ids, log };
  const messages = createSingleMessages({ client, tableName: environment.messagesTableName });
  const counter = createReputationCounter(createReputationTable(client, catalogTableName), clock);
  const allowance = createAllowance({ ledger: createWarmUpLedger(client, catalogTableName), clock });

  const sendMessage = composeSendMessage({
    stores: { ...wireStores(wiring), messages },
    pace: {
      streamStates: createStreamStates(catalog),
      tenants: createTenantsTable(catalog),
      pacer: wirePacer(wiring),
      allowance,
      providers: createMxLookup({ clock, ...readDnsServers() }),
      window: createSendWindow({ clock, sleep }),
      sleep,
    },
    mail: {
      mailer: createSesMailer({
        connectionTimeoutMs: CONNECTION_TIMEOUT_MS,
        requestTimeoutMs: SEND_TIMEOUT_MS,
      }),
      countSent: createCountSent(counter),
      signingKeys: createSigningKeys(catalog),
      publicUrl: environment.publicUrl,
    },
    limits: limitsOf(environment),
    memory: createMemoryGate(ATTACHMENT_LIMITS.totalEncodedBytes, createReclaim()),
    streams,
    clock,
    ids,
    jitter: Math.random,
    log,
  });
  return { sendMessage, messages, afterBatch: [() => counter.flush(), allowance.flush] };
}

const limitsOf = ({ functionTimeoutSeconds, messageKeepDays }: SendEnvironment): SendLimits => ({
  leaseMs: functionTimeoutSeconds * 1000 + LEASE_MARGIN_MS,
  attemptMs: ATTEMPT_MS,
  messageKeepDays,
});

function wireStores({ environment, client }: Wiring): Omit<SendStores, 'messages'> {
  const { messagesTableName, suppressionsTableName, catalogTableName } = environment;
  const minutes = createDueMinutes(client, catalogTableName);
  return {
    objects: createContentBucket(createS3Client(), environment.contentBucketName),
    // Apart from all else that a list can do, which takes a cold start longer to load.
    suppressions: {
      findSuppressed: (scopes, addresses) => findSuppressed(client, suppressionsTableName, scopes, addresses),
    },
    queue: createSendQueues(createSqsClient(), environment.streams),
    dueRows: createDueRows({ client, tableName: messagesTableName, minutes }),
    isOutage: isAwsOutage,
  };
}

function wirePacer({ environment, client, ids, log }: Wiring): Pacer {
  const { catalogTableName, streams } = environment;
  return createPacer({
    store: createPaceTable(client, catalogTableName),
    accounts: createFreshReadings({
      clock,
      log,
      account: createSesAccount(clock),
      stored: createAccountTable(client, catalogTableName, clock),
    }),
    shares: Object.fromEntries(streams.all.map(({ name, ratePercent }) => [name, ratePercent])),
    assumed: SANDBOX,
    workerId: ids.next(),
    longestWaitMs: LONGEST_PACE_WAIT_MS,
    clock,
    sleep,
    jitter: Math.random,
  });
}
