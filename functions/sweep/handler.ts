/**
 * Every minute: no accepted message is left without an end, whatever died on its way. A retry, or two runs at once, do the
 * same again: every write is conditional and a job that is queued twice is claimed once.
 */
import type { Context, ScheduledEvent } from 'aws-lambda';
import { createContentBucket } from '../../shared/adapters/content-bucket.ts';
import { createDynamoDbClient } from '../../shared/adapters/dynamodb-client.ts';
import { createMessagesTable } from '../../shared/adapters/messages-table.ts';
import { createS3Client } from '../../shared/adapters/s3-client.ts';
import { createJobQueue } from '../../shared/adapters/send-queues.ts';
import { createSqsClient } from '../../shared/adapters/sqs-client.ts';
import { createSweepCursors } from '../../shared/adapters/sweep-cursors-table.ts';
import type { FetchJob, SendJob } from '../../shared/contract/queue-body.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { readEnvironment } from '../../shared/runtime/env.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { createSweep } from './sweep.ts';

const environment = readEnvironment('sweep');
const client = createDynamoDbClient();
const sqs = createSqsClient();
const { messagesTableName: tableName, catalogTableName } = environment;

const sweep = createSweep({
  messages: createMessagesTable({ client, tableName, catalogTableName }),
  objects: createContentBucket(createS3Client(), environment.contentBucketName),
  sendQueue: createJobQueue<SendJob>(sqs, environment.sendQueueUrl),
  fetchQueue: createJobQueue<FetchJob>(sqs, environment.attachmentQueueUrl),
  cursors: createSweepCursors(client, catalogTableName),
  tenants: ['default'],
  clock: systemClock,
  log: createLogger('sweep'),
});

export const handler = (_event: ScheduledEvent, context: Context): Promise<void> =>
  sweep(() => context.getRemainingTimeInMillis());
