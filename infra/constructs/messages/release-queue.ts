import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { type WorkerProps, WorkQueue } from '../base/work-queue.ts';

/** A record for each minute and shard in which something is due. */
export class ReleaseQueue extends WorkQueue {
  constructor(scope: Construct, id: string, worker: WorkerProps) {
    super(scope, id, {
      ...worker,
      batchSize: 1,
      batchingWindow: Duration.seconds(0),
      lateAfter: Duration.minutes(5),
      impact: 'scheduled mail, and mail that waits for more than 15 minutes, is late.',
      runbook: 'release-queue',
    });
  }
}
