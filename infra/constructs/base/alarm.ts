import { Duration } from 'aws-cdk-lib';
import { type Alarm, type CreateAlarmOptions, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { FunctionName } from '../../../shared/resources.ts';

/** Headings of docs/runbook.md: no alarm without one. */
export type RunbookHeading =
  | 'send-queue'
  | 'attachment-queue'
  | 'event-queue'
  | 'release-queue'
  | 'webhook-queue'
  | 'slow-webhook-queue'
  | 'webhook-disabled'
  | 'api-errors'
  | 'sweep-missing'
  | 'sweep-failing'
  | 'stream-paused'
  | 'stream-near-line'
  | 'outbox-late'
  | 'outbox-unreadable';

export interface AlarmProps extends Omit<CreateAlarmOptions, 'alarmDescription'> {
  /** What has happened, as a sentence. */
  readonly what: string;
  /** Who is hurt, as a sentence. */
  readonly impact: string;
  readonly runbook: RunbookHeading;
}

/** An alarm whose text says what happened, who is hurt and where to read on. */
export function createAlarm(scope: Construct, id: string, metric: Metric, props: AlarmProps): Alarm {
  const { what, impact, runbook, ...options } = props;
  return metric.createAlarm(scope, id, {
    ...options,
    alarmDescription: `${what} Impact: ${impact} Runbook: docs/runbook.md#${runbook}`,
  });
}

/** What a function has written in the embedded metric format (`shared/runtime/logger.ts`). */
export const countedBy = (functionName: FunctionName, metricName: string): Metric =>
  new Metric({
    namespace: 'Postlane',
    metricName,
    dimensionsMap: { function: functionName },
    statistic: 'Maximum',
    period: Duration.minutes(5),
  });
