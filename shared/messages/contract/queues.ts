import type { JobQueue } from '../../base/job-queue.ts';
import type { FetchJob, SendJob } from './queue-body.ts';

/** What to put into which queue for a message. */
export type QueuedJob =
  | { readonly queue: 'send'; readonly job: SendJob }
  | { readonly queue: 'fetch'; readonly job: FetchJob };

export type SendQueue = JobQueue<SendJob>;

export type FetchQueue = JobQueue<FetchJob>;
