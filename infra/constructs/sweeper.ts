import { Duration } from 'aws-cdk-lib';
import { type Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';

export interface SweeperProps {
  readonly sweep: LambdaFunction;
}

/** Runs `sweep` every minute, and says so when it does not run: everything that got stuck depends on it. */
export class Sweeper extends Construct {
  readonly alarm: Alarm;

  constructor(scope: Construct, id: string, { sweep }: SweeperProps) {
    super(scope, id);
    new Rule(this, 'EveryMinute', {
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [new LambdaTarget(sweep, { retryAttempts: 0 })],
    });
    this.alarm = sweep
      .metricInvocations({ period: Duration.minutes(5), statistic: 'Sum' })
      .createAlarm(this, 'MissingAlarm', {
        alarmDescription:
          'The sweep has not run. Impact: messages that were accepted but not queued, or whose sending was cut off, wait. Runbook: docs/runbook.md#sweep-missing',
        threshold: 1,
        evaluationPeriods: 2,
        comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
        treatMissingData: TreatMissingData.BREACHING,
      });
  }
}
