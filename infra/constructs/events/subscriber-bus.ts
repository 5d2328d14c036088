import { CfnOutput } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';
import type { Grant } from '../base/grant.ts';

/** An EventBridge bus with the events of the streams that ask for it; what listens is up to the rules that an operator adds (docs/event-bus.md). */
export class SubscriberBus extends Construct {
  readonly bus: EventBus;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.bus = new EventBus(this, 'Bus', {
      description: 'Delivery events of Postlane, for anybody with a rule',
    });
    new CfnOutput(this, 'Name', {
      description: 'Event bus with the events of your mail',
      value: this.bus.eventBusName,
    }).overrideLogicalId('EventBusName');
  }

  get putGrant(): Grant {
    return { actions: ['events:PutEvents'], resources: [this.bus.eventBusArn] };
  }
}
