import { Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import type { WorkQueue } from '../base/work-queue.ts';

interface TenantStatusProps {
  readonly eventQueue: WorkQueue;
}

/**
 * Brings SES's decisions about tenants to the event queue: SES publishes them to the default bus, without an
 * event destination.
 */
export class TenantStatus extends Construct {
  constructor(scope: Construct, id: string, { eventQueue }: TenantStatusProps) {
    super(scope, id);
    const { queue, deadLetterQueue } = eventQueue;
    new Rule(this, 'Rule', {
      description: 'Tenants that SES lets send or no more, to the event queue',
      eventPattern: {
        source: ['aws.ses'],
        detailType: ['Sending Status Enabled', 'Sending Status Disabled'],
      },
      targets: [new SqsQueue(queue, { deadLetterQueue })],
    });
  }
}
