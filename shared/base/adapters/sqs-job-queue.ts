import {
  type BatchResultErrorEntry,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { defined } from '../defined.ts';
import type { JobQueue, UnqueuedJob } from '../job-queue.ts';
import { splitIntoBatches } from './split-into-batches.ts';

/** SQS limits: entries of a batch, and bytes of a message or of a whole batch. */
const LIMITS = { entries: 10, bytes: 1_048_576 } as const;

const REQUESTS_AT_ONCE = 4;

/** SQS took a batch but for this entry of it. */
export class EntryRefusedError extends Error {
  override readonly name = 'EntryRefusedError';
  readonly permanent: boolean;
  readonly code: string | undefined;

  constructor({ Code, SenderFault = false }: Partial<BatchResultErrorEntry> = {}) {
    super(`SQS refused an entry of a batch: ${Code ?? 'without a reason'}.`);
    this.permanent = SenderFault;
    this.code = Code;
  }
}

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
  ): Promise<readonly UnqueuedJob<Job>[]> => {
    const Entries: SendMessageBatchRequestEntry[] = jobs.map((job, index) => ({
      Id: String(index),
      MessageBody: JSON.stringify(job),
      ...group(job),
      ...(delaySecondsOf === undefined ? {} : { DelaySeconds: delaySecondsOf(job) }),
    }));
    try {
      const answer = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
      const queued = new Set(answer.Successful?.map(({ Id }) => Id));
      const refused = new Map(answer.Failed?.map((entry) => [entry.Id, entry]));
      return jobs.flatMap((job, index) => {
        const id = String(index);
        return queued.has(id) ? [] : [{ job, error: new EntryRefusedError(refused.get(id)) }];
      });
    } catch (error) {
      return jobs.map((job) => ({ job, error }));
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
      const unqueued: UnqueuedJob<Job>[] = [];
      for (let start = 0; start < batches.length; start += REQUESTS_AT_ONCE) {
        const next = batches.slice(start, start + REQUESTS_AT_ONCE);
        const answers = await Promise.all(next.map((batch) => sendAll(batch, delaySecondsOf)));
        unqueued.push(...answers.flat());
      }
      return unqueued;
    },
  };
}
