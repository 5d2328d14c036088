import { Duration } from 'aws-cdk-lib';
import { type Alarm, type CreateAlarmOptions, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';

interface AlarmProps extends Omit<CreateAlarmOptions, 'alarmDescription'> {
  /** A sentence that says what has happened. */
  readonly what: string;
  /** A sentence that says who is hurt. */
  readonly impact: string;
  /** Heading of docs/runbook.md: no alarm without one. */
  readonly runbook: string;
}

/** An alarm whose text says what happened, who is hurt and where to read on. */
export function createAlarm(scope: Construct, id: string, metric: Metric, props: AlarmProps): Alarm {
  const { what, impact, runbook, ...options } = props;
  return metric.createAlarm(scope, id, {
    ...options,
    alarmDescription: `${what} Impact: ${impact} Runbook: docs/runbook.md#${runbook}`,
  });
}

/** A metric that a function writes in the embedded metric format (`shared/runtime/logger.ts`). */
export const countedBy = (functionName: string, metricName: string): Metric =>
  new Metric({
    namespace: 'Postlane',
    metricName,
    dimensionsMap: { function: functionName },
    statistic: 'Maximum',
    period: Duration.minutes(5),
  });
