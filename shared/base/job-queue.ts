/** A queue of ours, seen from its writing end. */
export interface JobQueue<Job> {
  /** Queues a job, delayed by at most 900 seconds (SQS). Throws where the job is not known to be queued. */
  enqueue(job: Job, delaySeconds?: number): Promise<void>;
  /**
   * Queues jobs in as few requests as fit; answers those that are not known to be queued, and throws for none
   * of them.
   */
  enqueueAll(
    jobs: readonly Job[],
    delaySecondsOf?: (job: Job) => number,
  ): Promise<readonly UnqueuedJob<Job>[]>;
}

/** A job that is not known to be queued, and why. */
export interface UnqueuedJob<Job> {
  readonly job: Job;
  readonly error: unknown;
}
