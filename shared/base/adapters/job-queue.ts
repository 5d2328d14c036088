import {
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { defined } from '../defined.ts';
import type { JobQueue } from '../job-queue.ts';
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
      const delay = defined({ DelaySeconds: delaySeconds });
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
