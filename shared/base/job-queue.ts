/** A queue of ours, seen from its writing end. */
export interface JobQueue<Job> {
  /** `delaySeconds` at most 900 (SQS). Throws where the job is not known to be queued. */
  enqueue(job: Job, delaySeconds?: number): Promise<void>;
  /** In as few requests as fit; answers the jobs that are not known to be queued, and throws for none of them. */
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
