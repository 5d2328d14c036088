import { Duration } from 'aws-cdk-lib';
import { TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { countedBy, createAlarm } from '../base/alarm.ts';
import { type WorkerProps, WorkQueue } from '../base/work-queue.ts';

/**
 * Two queues and one function: endpoints that answer within two seconds are called from the one, all others
 * from the other, so that endpoints that may hang are never in the way of others.
 */
export class WebhookQueues extends Construct {
  readonly quick: WorkQueue;
  readonly slow: WorkQueue;

  constructor(scope: Construct, id: string, worker: WorkerProps) {
    super(scope, id);
    const common = { ...worker, batchSize: 10, batchingWindow: Duration.seconds(0) };
    this.quick = new WorkQueue(this, 'Quick', {
      ...common,
      lateAfter: Duration.minutes(5),
      impact: 'subscribers hear late of what has happened to mail.',
      runbook: 'webhook-queue',
    });
    this.slow = new WorkQueue(this, 'Slow', {
      ...common,
      // What waits for its endpoint counts too, up to 15 minutes at a time.
      lateAfter: Duration.hours(1),
      impact: 'endpoints that are new, slow or failing hear late of what has happened to mail.',
      runbook: 'slow-webhook-queue',
    });
    this.createDisabledAlarm();
  }

  get all(): readonly WorkQueue[] {
    return [this.quick, this.slow];
  }

  private createDisabledAlarm(): void {
    createAlarm(this, 'DisabledAlarm', countedBy('deliver-webhook', 'WebhooksDisabled'), {
      what: 'A webhook is disabled because its endpoint says that it is gone, or has failed for five days.',
      impact: 'its subscriber is told of nothing any more.',
      runbook: 'webhook-disabled',
      threshold: 1,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}
