import type { SQSClient } from '@aws-sdk/client-sqs';
import { createJobQueue } from '../../base/adapters/sqs-job-queue.ts';
import type { JobQueue } from '../../base/job-queue.ts';
import type { WebhookQueueJob } from '../contract/webhook-job.ts';

/**
 * Queue of endpoints that are not known to be quick. Shared fairly by endpoint: the backlog of one that takes
 * its time, or that is down, is behind the events of the others.
 */
export const createSlowWebhookQueue = <Job extends WebhookQueueJob>(
  client: SQSClient,
  queueUrl: string,
): JobQueue<Job> => createJobQueue(client, queueUrl, ({ webhookId }) => webhookId);
