import * as z from 'zod/mini';
import type { JobQueue } from '../../base/job-queue.ts';

/** The release queue: due rows of one minute and shard, to be put into the queues they wait for. */
export const releaseJob = z.object({
  version: z.literal(1),
  /** Minute in UTC, such as `2026-11-24T09:15`. */
  minute: z.string(),
  shard: z.number(),
  /** Place where an earlier job has stopped. */
  after: z.exactOptional(z.string()),
  waits: z.number(),
});

export type ReleaseJob = z.infer<typeof releaseJob>;

export type ReleaseQueue = JobQueue<ReleaseJob>;
