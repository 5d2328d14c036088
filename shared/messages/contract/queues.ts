import type { JobQueue } from '../../base/job-queue.ts';
import type { FetchJob, SendJob } from './queue-body.ts';

/** A job for a message, and the queue to put it into. */
export type QueuedJob =
  | { readonly queue: 'send'; readonly job: SendJob }
  | { readonly queue: 'fetch'; readonly job: FetchJob };

export type SendQueue = JobQueue<SendJob>;

export type FetchQueue = JobQueue<FetchJob>;
