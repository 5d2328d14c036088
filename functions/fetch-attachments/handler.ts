/**
 * Attachment queue, one record at a time: stores the files that a message names by URL and hands the message to the send
 * queue, or ends it with the reason. A retry fetches all of them again and queues a job that the claim makes harmless.
 */
import { createContentBucket } from '../../shared/adapters/content-bucket.ts';
import { createHttpsFetch, PUBLIC_INTERNET } from '../../shared/adapters/https-fetch.ts';
import { createS3Client } from '../../shared/adapters/s3-client.ts';
import { createSendQueues } from '../../shared/adapters/send-queues.ts';
import { createSqsClient } from '../../shared/adapters/sqs-client.ts';
import { fetchJob } from '../../shared/contract/queue-body.ts';
import { FETCH_TIMEOUT_MS } from '../../shared/domain/remote-file.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { readEnvironment } from '../../shared/runtime/env.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { sqsStack } from '../../shared/runtime/sqs-stack.ts';
import { createFailureObjects } from './failure-objects.ts';
import { createFetchAttachments } from './fetch-attachments.ts';

const environment = readEnvironment('fetch-attachments');
const objects = createContentBucket(createS3Client(), environment.contentBucketName);

export const handler = sqsStack({
  queue: 'attachments',
  parse: (value) => fetchJob.parse(value),
  process: createFetchAttachments({
    files: createHttpsFetch(PUBLIC_INTERNET),
    objects,
    sendQueue: createSendQueues(createSqsClient(), environment.streams),
    timeLimit: () => AbortSignal.timeout(FETCH_TIMEOUT_MS),
  }),
  messageIdOf: ({ job }) => job.messageId,
  recordFailure: createFailureObjects(objects),
  clock: systemClock,
  logger: createLogger('fetch-attachments'),
});
