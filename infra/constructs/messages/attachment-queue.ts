import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { type WorkerProps, WorkQueue } from '../base/work-queue.ts';

/** Mail whose attachments are fetched first, a record at a time. */
export class AttachmentQueue extends WorkQueue {
  constructor(scope: Construct, id: string, worker: WorkerProps) {
    super(scope, id, {
      ...worker,
      batchSize: 1,
      batchingWindow: Duration.seconds(0),
      lateAfter: Duration.minutes(10),
      impact: 'mail with attachments by URL is not sent.',
      runbook: 'attachment-queue',
    });
  }
}
