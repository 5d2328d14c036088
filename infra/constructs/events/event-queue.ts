import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { type WorkerProps, WorkQueue } from '../base/work-queue.ts';

/** Queue of the events that SES reports, by both of its paths. */
export class EventQueue extends WorkQueue {
  constructor(scope: Construct, id: string, worker: WorkerProps) {
    super(scope, id, {
      ...worker,
      batchSize: 100,
      batchingWindow: Duration.seconds(1),
      lateAfter: Duration.minutes(10),
      impact: 'bounces and complaints are not on the suppression list yet, and statuses are old.',
      runbook: 'event-queue',
    });
  }
}
