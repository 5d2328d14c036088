import {
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { FetchJob, SendJob } from '../contract/queue-body.ts';
import type { JobQueue, SendQueue } from '../contract/queues.ts';
import type { WebhookQueueJob } from '../contract/webhook-job.ts';
import type { Streams } from '../domain/stream.ts';
import { splitIntoBatches } from './split-into-batches.ts';

/** SQS limits: entries of a batch, and bytes of a message or of a whole batch. */
const LIMITS = { entries: 10, bytes: 1_048_576 } as const;
const REQUESTS_AT_ONCE = 4;

/**
 * One of our queues. Jobs are JSON; the reading end checks them.
 * @param groupOf by what SQS shares the queue fairly (MessageGroupId on a standard queue), which it bills for
 */
export function createJobQueue<Job>(
  client: SQSClient,
  QueueUrl: string,
  groupOf?: (job: Job) => string,
): JobQueue<Job> {
  const group = (job: Job) => (groupOf === undefined ? {} : { MessageGroupId: groupOf(job) });

  const sendAll = async (
    jobs: readonly Job[],
    delaySecondsOf: ((job: Job) => number) | undefined,
  ): Promise<readonly Job[]> => {
    const Entries: SendMessageBatchRequestEntry[] = jobs.map((job, index) => ({
      Id: String(index),
      MessageBody: JSON.stringify(job),
      ...group(job),
      ...(delaySecondsOf === undefined ? {} : { DelaySeconds: delaySecondsOf(job) }),
    }));
    try {
      const { Successful = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
      const queued = new Set(Successful.map(({ Id }) => Id));
      return jobs.filter((_, index) => !queued.has(String(index)));
    } catch {
      return jobs;
    }
  };

  return {
    async enqueue(job, delaySeconds) {
      const MessageBody = JSON.stringify(job);
      const delay = delaySeconds === undefined ? {} : { DelaySeconds: delaySeconds };
      await client.send(new SendMessageCommand({ QueueUrl, MessageBody, ...group(job), ...delay }));
    },

    async enqueueAll(jobs, delaySecondsOf) {
      const batches = splitIntoBatches(jobs, (job) => Buffer.byteLength(JSON.stringify(job)), LIMITS);
      const unqueued: Job[] = [];
      for (let start = 0; start < batches.length; start += REQUESTS_AT_ONCE) {
        const next = batches.slice(start, start + REQUESTS_AT_ONCE);
        const answers = await Promise.all(next.map((batch) => sendAll(batch, delaySecondsOf)));
        unqueued.push(...answers.flat());
      }
      return unqueued;
    },
  };
}

/** Jobs with files to fetch. */
export const createFetchQueue = (client: SQSClient, queueUrl: string, streams: Streams): JobQueue<FetchJob> =>
  createJobQueue(
    client,
    queueUrl,
    groupedBy(streams, ({ job }) => job.tenant),
  );

/**
 * Endpoints that are not known to be quick. Shared fairly by endpoint: the backlog of one that takes its time, or that is
 * down, is behind the events of the others.
 */
export const createSlowWebhookQueue = <Job extends WebhookQueueJob>(
  client: SQSClient,
  queueUrl: string,
): JobQueue<Job> => createJobQueue(client, queueUrl, ({ webhookId }) => webhookId);

/** One tenant's backlog must not hold up the others; where there are none, nothing is paid for it. */
const groupedBy = <Job>(
  { tenants }: Streams,
  tenantOf: (job: Job) => string,
): ((job: Job) => string) | undefined => (tenants === undefined ? undefined : tenantOf);

/** The send queues of all streams as one: a job goes to that of its stream. */
export function createSendQueues(client: SQSClient, streams: Streams): SendQueue {
  const queues = new Map(
    streams.all.map(({ queueUrl }) => [
      queueUrl,
      createJobQueue<SendJob>(
        client,
        queueUrl,
        groupedBy(streams, ({ tenant }) => tenant),
      ),
    ]),
  );
  const queueOf = ({ stream }: SendJob) => queues.get(streams.of(stream).queueUrl) as JobQueue<SendJob>;

  return {
    enqueue: (job, delaySeconds) => queueOf(job).enqueue(job, delaySeconds),
    async enqueueAll(jobs, delaySecondsOf) {
      const byQueue = Map.groupBy(jobs, queueOf);
      const unqueued = await Promise.all(
        [...byQueue].map(([queue, own]) => queue.enqueueAll(own, delaySecondsOf)),
      );
      return unqueued.flat();
    },
  };
}
