/**
 * Release queue, one record at a time: puts what is due in one minute and shard into the queues it waits for, to arrive at
 * its time. A retry does the same again; each message is claimed once, and an event may reach its webhook twice.
 */
import { isAwsOutage } from '../../shared/adapters/aws-outage.ts';
import { createDueRowReader } from '../../shared/adapters/due-rows-reader.ts';
import { createDynamoDbClient } from '../../shared/adapters/dynamodb-client.ts';
import { createSingleMessages } from '../../shared/adapters/messages-table.ts';
import {
  createFetchQueue,
  createJobQueue,
  createSendQueues,
  createSlowWebhookQueue,
} from '../../shared/adapters/send-queues.ts';
import { createSqsClient } from '../../shared/adapters/sqs-client.ts';
import { releaseJob } from '../../shared/contract/queue-body.ts';
import { systemClock as clock } from '../../shared/runtime/clock.ts';
import { readEnvironment } from '../../shared/runtime/env.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { sqsStack } from '../../shared/runtime/sqs-stack.ts';
import { createReleaseDue } from './release-due.ts';

const environment = readEnvironment('release-due');
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
