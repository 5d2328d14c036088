import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { createAlarm } from '../base/alarm.ts';

interface SweeperProps {
  readonly sweep: LambdaFunction;
}

const IMPACT = 'messages that were accepted but not queued, or whose sending was cut off, wait.';

/** Runs `sweep` every minute, and says so when it does not run or does not succeed: everything that got stuck depends on it. */
export class Sweeper extends Construct {
  constructor(scope: Construct, id: string, { sweep }: SweeperProps) {
    super(scope, id);
    new Rule(this, 'EveryMinute', {
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [new LambdaTarget(sweep, { retryAttempts: 0 })],
    });
    this.createMissingAlarm(sweep);
    this.createFailingAlarm(sweep);
  }

  private createMissingAlarm(sweep: LambdaFunction): void {
    const metric = sweep.metricInvocations({ period: Duration.minutes(5), statistic: 'Sum' });
    createAlarm(this, 'MissingAlarm', metric, {
      what: 'The sweep has not run for ten minutes.',
      impact: IMPACT,
      runbook: 'sweep-missing',
      threshold: 1,
      evaluationPeriods: 2,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      // A schedule that is gone leaves no data at all; silence is the symptom.
      treatMissingData: TreatMissingData.BREACHING,
    });
  }

  private createFailingAlarm(sweep: LambdaFunction): void {
    const metric = sweep.metricErrors({ period: Duration.minutes(5), statistic: 'Sum' });
    createAlarm(this, 'FailingAlarm', metric, {
      what: 'The sweep has failed again and again for fifteen minutes.',
      impact: IMPACT,
      runbook: 'sweep-failing',
      threshold: 1,
      evaluationPeriods: 3,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}
