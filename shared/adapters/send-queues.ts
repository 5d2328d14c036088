import {
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { JobQueue } from '../contract/queues.ts';

/** SQS limits: entries of a batch, and bytes of a message or of a whole batch. */
const ENTRIES_PER_BATCH = 10;
const BYTES_PER_BATCH = 1_048_576;
const REQUESTS_AT_ONCE = 4;

/** One of our queues. Jobs are JSON; the reading end checks them. */
export function createJobQueue<Job>(client: SQSClient, QueueUrl: string): JobQueue<Job> {
  const sendAll = async (jobs: readonly Job[]): Promise<readonly Job[]> => {
    const Entries: SendMessageBatchRequestEntry[] = jobs.map((job, index) => ({
      Id: String(index),
      MessageBody: JSON.stringify(job),
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
      await client.send(new SendMessageCommand({ QueueUrl, MessageBody, ...delay }));
    },

    async enqueueAll(jobs) {
      const batches = splitIntoBatches(jobs, (job) => Buffer.byteLength(JSON.stringify(job)));
      const unqueued: Job[] = [];
      for (let start = 0; start < batches.length; start += REQUESTS_AT_ONCE) {
        const answers = await Promise.all(batches.slice(start, start + REQUESTS_AT_ONCE).map(sendAll));
        unqueued.push(...answers.flat());
      }
      return unqueued;
    },
  };
}

/** In order, each as full as the limits of one request allow. An item above them stands alone, for SQS to refuse. */
export function splitIntoBatches<T>(
  items: readonly T[],
  sizeOf: (item: T) => number,
): readonly (readonly T[])[] {
  const batches: T[][] = [];
  let room = 0;
  for (const item of items) {
    const size = sizeOf(item);
    const last = batches.at(-1);
    if (last !== undefined && last.length < ENTRIES_PER_BATCH && size <= room) last.push(item);
    else {
      batches.push([item]);
      room = BYTES_PER_BATCH;
    }
    room -= size;
  }
  return batches;
}
