import type { Assembly, HostedResource } from '../assembly/assembly.ts';

/** A queue behind a topic. */
export interface QueueSubscription {
  readonly arn: string;
  readonly queueUrl: string;
  /** The message alone, or SNS's envelope around it. */
  readonly isRaw: boolean;
  readonly deadLetterQueueUrl: string | undefined;
}

interface SubscriptionProperties {
  readonly TopicArn?: string;
  readonly Protocol?: string;
  readonly Endpoint?: string;
  readonly RawMessageDelivery?: boolean | string;
  readonly RedrivePolicy?: { readonly deadLetterTargetArn?: string };
}

const KNOWN = new Set(['TopicArn', 'Protocol', 'Endpoint', 'RawMessageDelivery', 'RedrivePolicy', 'Region']);

/** Subscriptions by topic. Throws with the name of what the local cloud does not host. */
export function readSubscriptions(assembly: Assembly): ReadonlyMap<string, readonly QueueSubscription[]> {
  const byTopic = new Map<string, QueueSubscription[]>();
  for (const resource of assembly.byType('AWS::SNS::Subscription')) {
    const { TopicArn = '', Protocol } = resource.properties as SubscriptionProperties;
    // Only alarms write to people, and there are no alarms here.
    if (Protocol === 'email') continue;
    byTopic.set(TopicArn, [...(byTopic.get(TopicArn) ?? []), readSubscription(assembly, resource)]);
  }
  return byTopic;
}

function readSubscription(assembly: Assembly, { logicalId, properties }: HostedResource): QueueSubscription {
  const stray = Object.keys(properties).find((name) => !KNOWN.has(name));
  if (stray !== undefined) throw new Error(`The local cloud does not host ${stray} of ${logicalId}`);
  const { TopicArn, Protocol, Endpoint, RawMessageDelivery, RedrivePolicy } =
    properties as SubscriptionProperties;
  if (Protocol !== 'sqs')
    throw new Error(`The local cloud does not host Protocol ${Protocol} of ${logicalId}`);

  const queue = assembly.byArn(Endpoint ?? '');
  if (!queue) throw new Error(`The template has no queue ${Endpoint}, which ${logicalId} subscribes`);
  const deadLetterArn = RedrivePolicy?.deadLetterTargetArn;
  return {
    arn: `${TopicArn}:${logicalId}`,
    queueUrl: queue.physicalId,
    isRaw: String(RawMessageDelivery) === 'true',
    deadLetterQueueUrl: deadLetterArn === undefined ? undefined : assembly.byArn(deadLetterArn)?.physicalId,
  };
}
