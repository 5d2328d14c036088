import { Stack } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';

interface AlarmTopicProps {
  /** Recipient of the alarms. SNS asks the address to confirm once. */
  readonly email: string;
  readonly alarms: readonly Alarm[];
}

/** Tells the operator by mail when an alarm goes off and when it is over. SNS sends it, so it arrives when the pipeline does not send. */
export class AlarmTopic extends Construct {
  constructor(scope: Construct, id: string, { email, alarms }: AlarmTopicProps) {
    super(scope, id);
    const snsTopic = new Topic(this, 'Topic', { enforceSSL: true });
    snsTopic.addSubscription(new EmailSubscription(email));
    snsTopic.grantPublish(
      new ServicePrincipal('cloudwatch.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    const action = new SnsAction(snsTopic);
    for (const alarm of alarms) {
      alarm.addAlarmAction(action);
      alarm.addOkAction(action);
    }
    acknowledge(
      snsTopic,
      'AwsSolutions-SNS2',
      'CloudWatch cannot publish to a topic under the AWS-managed key, and a key of our own costs $1 a month for texts that stand in this template.',
    );
  }
}
