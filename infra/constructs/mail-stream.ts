import { Stack } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnConfigurationSet, CfnConfigurationSetEventDestination } from 'aws-cdk-lib/aws-ses';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import type { WorkQueue } from './work-queue.ts';

export interface TransactionalStreamProps {
  /** Where both event paths end. */
  readonly eventQueue: WorkQueue;
}

/** Always explicit: a configuration set without a pool uses the account's unassigned dedicated IPs. */
const SHARED_POOL = 'ses-shared-pool';
const EVERY_EVENT = [
  'send',
  'reject',
  'bounce',
  'complaint',
  'delivery',
  'open',
  'click',
  'renderingFailure',
  'deliveryDelay',
  'subscription',
];
/** What must not be lost: SES documents its EventBridge path as best effort, so these come twice. */
const SECOND_PATH_EVENTS = ['bounce', 'complaint', 'reject'];

/** A stream of mail in SES: its configuration set, its pool, and the two paths its events take to the event queue. */
export class TransactionalStream extends Construct {
  readonly configurationSetName: string;
  readonly configurationSetArn: string;

  constructor(scope: Construct, id: string, { eventQueue }: TransactionalStreamProps) {
    super(scope, id);
    const set = new CfnConfigurationSet(this, 'ConfigurationSet', {
      // TLS where the receiver offers it, as the contract's default says: REQUIRE would bounce mail to the few without.
      deliveryOptions: { sendingPoolName: SHARED_POOL, tlsPolicy: 'OPTIONAL' },
      reputationOptions: { reputationMetricsEnabled: true },
      sendingOptions: { sendingEnabled: true },
      // The suppression list is ours: SES's would turn later mail into bounces of its own.
      suppressionOptions: { suppressedReasons: [] },
    });
    this.configurationSetName = set.ref;
    this.configurationSetArn = Stack.of(this).formatArn({
      service: 'ses',
      resource: 'configuration-set',
      resourceName: set.ref,
    });

    this.busPath(eventQueue);
    this.topicPath(eventQueue);
  }

  private busPath({ queue, deadLetterQueue }: WorkQueue): void {
    const { partition, region, account } = Stack.of(this);
    this.destination('Bus', EVERY_EVENT, {
      eventBridgeDestination: {
        eventBusArn: `arn:${partition}:events:${region}:${account}:event-bus/default`,
      },
    });
    new Rule(this, 'Rule', {
      description: 'Events of this stream, to the event queue',
      eventPattern: {
        source: ['aws.ses'],
        detail: { mail: { tags: { 'ses:configuration-set': [this.configurationSetName] } } },
      },
      targets: [new SqsQueue(queue, { deadLetterQueue })],
    });
  }

  private topicPath({ queue, deadLetterQueue }: WorkQueue): void {
    const topic = new Topic(this, 'Topic', { enforceSSL: true });
    topic.addSubscription(new SqsSubscription(queue, { rawMessageDelivery: true, deadLetterQueue }));
    topic.grantPublish(
      new ServicePrincipal('ses.amazonaws.com', {
        conditions: { ArnEquals: { 'aws:SourceArn': this.configurationSetArn } },
      }),
    );
    this.destination('Topic', SECOND_PATH_EVENTS, {
      snsDestination: { topicArn: topic.topicArn },
    }).node.addDependency(topic);
    acknowledge(
      topic,
      'AwsSolutions-SNS2',
      'SES cannot publish to a topic under the AWS-managed key, and a key of our own costs $1 a month for notices that are encrypted again in the queue.',
    );
  }

  private destination(
    name: string,
    matchingEventTypes: string[],
    target: Pick<
      CfnConfigurationSetEventDestination.EventDestinationProperty,
      'eventBridgeDestination' | 'snsDestination'
    >,
  ): CfnConfigurationSetEventDestination {
    return new CfnConfigurationSetEventDestination(this, `${name}Destination`, {
      configurationSetName: this.configurationSetName,
      eventDestination: { enabled: true, matchingEventTypes, ...target },
    });
  }
}
