import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnEventSourceMapping, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { MAX_RECEIVE_COUNT } from '../../../shared/resources.ts';
import { createAlarm } from './alarm.ts';
import type { Grant } from './grant.ts';

/** Facts that a queue has to know of the function that will work it. */
export interface WorkerProps {
  /** The visibility time-out follows from it. */
  readonly functionTimeout: Duration;
  /** Instances of the function that this queue may have running at once; at least 2. */
  readonly maximumConcurrency: number;
}

interface WorkQueueProps extends WorkerProps {
  readonly batchSize: number;
  /** Time that a poller gathers records; zero for mail that people wait for. */
  readonly batchingWindow: Duration;
  /** Text of the alarms: who is hurt when records are late or end in the dead-letter queue. */
  readonly impact: string;
  /** Heading of docs/runbook.md. */
  readonly runbook: string;
  /** Age of the oldest record that is worth a look. */
  readonly lateAfter: Duration;
}

const RETENTION = Duration.days(14);

/**
 * A queue that cannot exist without a dead-letter queue and alarms that say who is hurt. Visibility is six times the
 * function's time-out plus the batching window, as AWS advises for event sources.
 */
export class WorkQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetterQueue: Queue;
  private readonly props: WorkQueueProps;

  constructor(scope: Construct, id: string, props: WorkQueueProps) {
    super(scope, id);
    this.props = props;
    const common = { enforceSSL: true, encryption: QueueEncryption.SQS_MANAGED, retentionPeriod: RETENTION };
    this.deadLetterQueue = new Queue(this, 'DeadLetters', common);
    this.queue = new Queue(this, 'Queue', {
      ...common,
      visibilityTimeout: Duration.seconds(
        props.functionTimeout.toSeconds() * 6 + props.batchingWindow.toSeconds(),
      ),
      receiveMessageWaitTime: Duration.seconds(20),
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: MAX_RECEIVE_COUNT },
    });
    this.createDepthAlarm();
    this.createAgeAlarm();
  }

  get url(): string {
    return this.queue.queueUrl;
  }

  /** Permissions that the function working this queue needs. */
  get consumeGrant(): Grant {
    return {
      actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
      resources: [this.queue.queueArn],
    };
  }

  get sendGrant(): Grant {
    return { actions: ['sqs:SendMessage'], resources: [this.queue.queueArn] };
  }

  /** Hands records in batches; each succeeds or fails by itself. */
  feed(lambda: LambdaFunction): void {
    const { batchSize, batchingWindow, maximumConcurrency } = this.props;
    new CfnEventSourceMapping(this, 'Source', {
      functionName: lambda.functionName,
      eventSourceArn: this.queue.queueArn,
      batchSize,
      maximumBatchingWindowInSeconds: batchingWindow.toSeconds(),
      functionResponseTypes: ['ReportBatchItemFailures'],
      scalingConfig: { maximumConcurrency },
    });
  }

  private createDepthAlarm(): void {
    const { impact, runbook } = this.props;
    const metric = this.deadLetterQueue.metricApproximateNumberOfMessagesVisible({
      period: Duration.minutes(1),
    });
    createAlarm(this, 'DeadLettersAlarm', metric, {
      what: 'Records ended in the dead-letter queue.',
      impact,
      runbook,
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }

  private createAgeAlarm(): void {
    const { impact, runbook, lateAfter } = this.props;
    const metric = this.queue.metricApproximateAgeOfOldestMessage({ period: Duration.minutes(1) });
    createAlarm(this, 'AgeAlarm', metric, {
      what: `The oldest record is older than ${lateAfter.toHumanString()}.`,
      impact,
      runbook,
      threshold: lateAfter.toSeconds(),
      evaluationPeriods: 3,
      // SQS stops publishing for a queue without traffic for six hours.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}
