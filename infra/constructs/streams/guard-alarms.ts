import { TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { countedBy, createAlarm } from '../base/alarm.ts';

/** Says when bounces or complaints come near the line of a stream, and while one is paused for them. */
export class GuardAlarms extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    createAlarm(this, 'PausedAlarm', countedBy('sweep', 'StreamsPausedByGuard'), {
      what: 'A stream has too many bounces or complaints and is paused.',
      impact: 'its mail waits until an operator resumes it.',
      runbook: 'stream-paused',
      threshold: 1,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    createAlarm(this, 'NearLineAlarm', countedBy('record-event', 'StreamsNearGuardLine'), {
      what: 'Bounces or complaints of a stream have passed half of the line at which it is paused.',
      impact: 'none yet.',
      runbook: 'stream-near-line',
      threshold: 1,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}
