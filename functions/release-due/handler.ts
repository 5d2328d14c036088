/**
 * Release queue, one record at a time: puts what is due in one minute and shard into the queues it waits for, to arrive at
 * its time. A retry does the same again; each message is claimed once, and an event may reach its webhook twice.
 */
import { isAwsOutage } from '../../shared/base/adapters/aws-outage.ts';
import { createDynamoDbClient } from '../../shared/base/adapters/dynamodb-client.ts';
import { createSqsClient } from '../../shared/base/adapters/sqs-client.ts';
import { createJobQueue } from '../../shared/base/adapters/sqs-job-queue.ts';
import { createSingleMessages } from '../../shared/messages/adapters/messages-table.ts';
import { createFetchQueue, createSendQueues } from '../../shared/messages/adapters/send-queues.ts';
import { systemClock as clock } from '../../shared/runtime/clock.ts';
import { readEnvironment } from '../../shared/runtime/env.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { sqsStack } from '../../shared/runtime/sqs-stack.ts';
import { createDueRowReader } from '../../shared/scheduling/adapters/due-rows-reader.ts';
import { releaseJob } from '../../shared/scheduling/contract/release-job.ts';
import { createSlowWebhookQueue } from '../../shared/webhooks/adapters/slow-webhook-queue.ts';
import { createReleaseDue } from './release-due.ts';

const environment = readEnvironment([
  'MESSAGES_TABLE_NAME',
  'STREAMS',
  'ATTACHMENT_QUEUE_URL',
  'RELEASE_QUEUE_URL',
  'SLOW_WEBHOOK_QUEUE_URL',
]);
const log = createLogger('release-due');
const client = createDynamoDbClient();
const sqs = createSqsClient();
const messages = { client, tableName: environment.messagesTableName };

export const handler = sqsStack({
  queue: 'release',
  parse: (value) => releaseJob.parse(value),
  process: createReleaseDue({
    dueRows: createDueRowReader(messages),
    sendQueue: createSendQueues(sqs, environment.streams),
    fetchQueue: createFetchQueue(sqs, environment.attachmentQueueUrl, environment.streams),
    webhookQueue: createSlowWebhookQueue(sqs, environment.slowWebhookQueueUrl),
    releaseQueue: createJobQueue(sqs, environment.releaseQueueUrl),
    isOutage: isAwsOutage,
    clock,
    log,
  }),
  recordFailure: createSingleMessages(messages).putFailureRecord,
  clock,
  logger: log,
});
