/**
 * Attachment queue, one record at a time: stores the files that a message names by URL and queues the message to be
 * sent, or ends it with the reason. A retry fetches all of them again and queues a job that the claim makes harmless.
 */
import { createS3Client } from '../../shared/base/adapters/s3-client.ts';
import { createSqsClient } from '../../shared/base/adapters/sqs-client.ts';
import { createHttpsFetch, PUBLIC_INTERNET } from '../../shared/guarded-http/adapters/https-fetch.ts';
import { FETCH_TIMEOUT_MS } from '../../shared/guarded-http/remote-file.ts';
import { createContentBucket } from '../../shared/messages/adapters/content-bucket.ts';
import { createSendQueues } from '../../shared/messages/adapters/send-queues.ts';
import { fetchJob } from '../../shared/messages/contract/queue-body.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { readEnvironment } from '../../shared/runtime/env.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { sqsStack } from '../../shared/runtime/sqs-stack.ts';
import { createFailureObjects } from './failure-objects.ts';
import { createFetchAttachments } from './fetch-attachments.ts';

const environment = readEnvironment(['CONTENT_BUCKET_NAME', 'STREAMS']);
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
