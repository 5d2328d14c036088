/**
 * Send queue of one stream: claims each message by lease and gives it one attempt at SES. Delivered again, a record meets
 * the claim of its first delivery and sends nothing twice; what must wait comes back as a delayed copy.
 */
import { isAwsOutage } from '../../shared/adapters/aws-outage.ts';
import { createContentBucket } from '../../shared/adapters/content-bucket.ts';
import { createDynamoDbClient } from '../../shared/adapters/dynamodb-client.ts';
import { createSingleMessages } from '../../shared/adapters/messages-table.ts';
import { createS3Client } from '../../shared/adapters/s3-client.ts';
import { createSendQueues } from '../../shared/adapters/send-queues.ts';
import { createSesMailer } from '../../shared/adapters/ses.ts';
import { createSqsClient } from '../../shared/adapters/sqs-client.ts';
import { createSuppressionsTable } from '../../shared/adapters/suppressions-table.ts';
import { sendJob } from '../../shared/contract/queue-body.ts';
import { ATTACHMENT_LIMITS } from '../../shared/domain/mail-attachment.ts';
import { systemClock as clock } from '../../shared/runtime/clock.ts';
import { readEnvironment } from '../../shared/runtime/env.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { createReclaim } from '../../shared/runtime/memory.ts';
import { sqsStack } from '../../shared/runtime/sqs-stack.ts';
import { createByteGate } from './byte-gate.ts';
import { createSendMessage } from './send-message.ts';

/** Mails above 10 MB are slowed down by SES. */
const SEND_TIMEOUT_MS = 30_000;
const CONNECTION_TIMEOUT_MS = 3_000;
/** Attachments are read, and the outcome is written, beside the request itself. */
const ATTEMPT_MS = SEND_TIMEOUT_MS + 20_000;
const LEASE_MARGIN_MS = 30_000;

const environment = readEnvironment('send-message');
const log = createLogger('send-message');
const client = createDynamoDbClient();
const messages = createSingleMessages({ client, tableName: environment.messagesTableName });

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
    queue: createSendQueues(createSqsClient(), environment.streams),
    gate: createByteGate(ATTACHMENT_LIMITS.totalEncodedBytes, createReclaim()),
    isOutage: isAwsOutage,
    streams: environment.streams,
    leaseMs: environment.functionTimeoutSeconds * 1000 + LEASE_MARGIN_MS,
    attemptMs: ATTEMPT_MS,
    messageKeepDays: environment.messageKeepDays,
    clock,
    jitter: Math.random,
    log,
  }),
  recordFailure: messages.putFailureRecord,
  clock,
  logger: log,
});
