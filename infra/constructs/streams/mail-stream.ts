import { Duration, Stack } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnConfigurationSet, CfnConfigurationSetEventDestination } from 'aws-cdk-lib/aws-ses';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { StreamSettings } from '../../../shared/streams/stream-settings.ts';
import type { StreamConfig } from '../../stream-config.ts';
import { acknowledge } from '../base/acknowledge.ts';
import { WorkQueue } from '../base/work-queue.ts';
import { type SendingPools, SHARED_POOL } from './sending-pools.ts';

export interface MailStreamProps extends StreamConfig {
  readonly name: string;
  readonly pools: SendingPools;
  /** Days that content is kept where the stream says nothing of its own. */
  readonly contentKeepDays: number;
  /** The queue in which both event paths end. */
  readonly eventQueue: WorkQueue;
  /** Time-out of the function that sends its mail. */
  readonly functionTimeout: Duration;
}

const EVENTS = [
  'send',
  'reject',
  'bounce',
  'complaint',
  'delivery',
  'renderingFailure',
  'deliveryDelay',
  'subscription',
];
/**
 * Event types for which SES rewrites a mail, if a destination asks for them and the request does not say no.
 */
const TRACKED_EVENTS = ['open', 'click'];
/** Events that must not be lost: SES documents its EventBridge path as best effort, so these come twice. */
const SECOND_PATH_EVENTS = ['bounce', 'complaint', 'reject'];

/**
 * A stream of mail, from its send queue to SES and back: its configuration sets, one for each pool that it may use, and the
 * two paths that their events take to the event queue.
 */
export class MailStream extends Construct {
  readonly sendQueue: WorkQueue;
  /** The settings of the stream that the functions are given. */
  readonly settings: StreamSettings;
  readonly configurationSetArns: readonly string[];
  /** Tells whether the stream's mail leaves with signed links that end it. */
  readonly hasUnsubscribe: boolean;
  /** ARN of a pool that is warmed up by a plan; undefined for other streams. */
  readonly standardPoolArn: string | undefined;

  constructor(scope: Construct, id: string, props: MailStreamProps) {
    super(scope, id);
    const { name, pools, eventQueue } = props;
    this.sendQueue = this.createSendQueue(props);
    const poolName = pools.nameOf(name);
    const own = this.configurationSet('ConfigurationSet', poolName ?? SHARED_POOL, props);
    const shared =
      props.pool === 'standard' ? this.configurationSet('SharedSet', SHARED_POOL, props) : undefined;
    const overflow = this.overflowSet(props, shared);

    const sets = [...new Set([own, shared, overflow])].filter((set) => set !== undefined);
    this.configurationSetArns = sets.map(({ ref }) => arnOf(this, 'configuration-set', ref));
    this.standardPoolArn =
      props.pool === 'standard' && poolName !== undefined
        ? arnOf(this, 'dedicated-ip-pool', poolName)
        : undefined;
    this.hasUnsubscribe = props.kind === 'broadcast' && props.unsubscribe !== false;
    this.busPath(sets, props);
    this.snsPath(sets, eventQueue);
    this.settings = {
      ...settingsOf(props),
      queueUrl: this.sendQueue.url,
      configurationSet: own.ref,
      ...(poolName === undefined ? {} : { poolName }),
      ...(shared === undefined ? {} : { sharedConfigurationSet: shared.ref }),
      ...(overflow === undefined ? {} : { overflowConfigurationSet: overflow.ref }),
    };
  }

  private createSendQueue({ name, concurrency, functionTimeout }: MailStreamProps): WorkQueue {
    return new WorkQueue(this, 'Send', {
      functionTimeout,
      batchSize: 10,
      batchingWindow: Duration.seconds(0),
      maximumConcurrency: concurrency,
      lateAfter: Duration.minutes(5),
      impact: `accepted mail of the stream ${name} is not sent.`,
      runbook: 'send-queue',
    });
  }

  private configurationSet(
    id: string,
    sendingPoolName: string,
    { tracking }: MailStreamProps,
  ): CfnConfigurationSet {
    const customRedirectDomain = tracking?.domain;
    return new CfnConfigurationSet(this, id, {
      // TLS where the receiver offers it, as the contract's default says: REQUIRE would bounce mail to the few without.
      deliveryOptions: { sendingPoolName, tlsPolicy: 'OPTIONAL' },
      reputationOptions: { reputationMetricsEnabled: true },
      sendingOptions: { sendingEnabled: true },
      // The suppression list is ours: SES's would turn later mail into bounces of its own.
      suppressionOptions: { suppressedReasons: [] },
      // Else the image would come over plain HTTP, where every hop on the way sees who reads what; links to
      // HTTPS pages need the domain's certificate in either case.
      ...(customRedirectDomain === undefined
        ? {}
        : { trackingOptions: { customRedirectDomain, httpsPolicy: 'REQUIRE' } }),
    });
  }

  /** The configuration set of mail above the day's volume; undefined if such mail waits. */
  private overflowSet(
    props: MailStreamProps,
    shared: CfnConfigurationSet | undefined,
  ): CfnConfigurationSet | undefined {
    const { warmUp, pools } = props;
    if (warmUp === undefined || warmUp.overflow === 'wait') return undefined;
    if (warmUp.overflow === 'shared') return shared;
    const poolName = pools.nameOf(warmUp.overflow.stream) ?? SHARED_POOL;
    return this.configurationSet('OverflowSet', poolName, props);
  }

  private busPath(sets: readonly CfnConfigurationSet[], { tracking, eventQueue }: MailStreamProps): void {
    const { partition, region, account } = Stack.of(this);
    const events = tracking === undefined ? EVENTS : [...EVENTS, ...TRACKED_EVENTS];
    for (const set of sets)
      this.destination('Bus', set, events, {
        eventBridgeDestination: {
          eventBusArn: `arn:${partition}:events:${region}:${account}:event-bus/default`,
        },
      });
    const { queue, deadLetterQueue } = eventQueue;
    new Rule(this, 'Rule', {
      description: 'Events of this stream, to the event queue',
      eventPattern: {
        source: ['aws.ses'],
        detail: { mail: { tags: { 'ses:configuration-set': sets.map(({ ref }) => ref) } } },
      },
      targets: [new SqsQueue(queue, { deadLetterQueue })],
    });
  }

  private snsPath(sets: readonly CfnConfigurationSet[], { queue, deadLetterQueue }: WorkQueue): void {
    const snsTopic = new Topic(this, 'Topic', { enforceSSL: true });
    snsTopic.addSubscription(new SqsSubscription(queue, { rawMessageDelivery: true, deadLetterQueue }));
    snsTopic.grantPublish(
      new ServicePrincipal('ses.amazonaws.com', {
        conditions: { ArnEquals: { 'aws:SourceArn': this.configurationSetArns } },
      }),
    );
    for (const set of sets)
      this.destination('Topic', set, SECOND_PATH_EVENTS, {
        snsDestination: { topicArn: snsTopic.topicArn },
      }).node.addDependency(snsTopic);
    acknowledge(
      snsTopic,
      'AwsSolutions-SNS2',
      'SES cannot publish to a topic under the AWS-managed key, and a key of our own costs $1 a month for notices that are encrypted again in the queue.',
    );
  }

  private destination(
    name: string,
    set: CfnConfigurationSet,
    matchingEventTypes: string[],
    target: Pick<
      CfnConfigurationSetEventDestination.EventDestinationProperty,
      'eventBridgeDestination' | 'snsDestination'
    >,
  ): CfnConfigurationSetEventDestination {
    return new CfnConfigurationSetEventDestination(set, `${name}Destination`, {
      configurationSetName: set.ref,
      eventDestination: { enabled: true, matchingEventTypes, ...target },
    });
  }
}

const arnOf = (scope: Construct, resource: string, resourceName: string): string =>
  Stack.of(scope).formatArn({ service: 'ses', resource, resourceName });

/** The part that needs nothing of the template. */
function settingsOf(props: MailStreamProps) {
  const { name, kind, pool, ratePercent, warmUp, guard, suppressionScope, concurrency, tracking } = props;
  const { unsubscribe } = props;
  return {
    name,
    kind,
    pool,
    ratePercent,
    guard,
    suppressionScope,
    concurrency,
    keepDays: props.keepDays ?? props.contentKeepDays,
    ...(props.eventBus ? { eventBus: true } : {}),
    ...(tracking === undefined ? {} : { tracking: { opens: tracking.opens, clicks: tracking.clicks } }),
    ...(unsubscribe === undefined ? {} : { unsubscribe }),
    ...(warmUp === undefined
      ? {}
      : {
          warmUp: {
            plan: warmUp.plan,
            ...(warmUp.providers === undefined ? {} : { providers: warmUp.providers }),
            waits: warmUp.overflow === 'wait',
          },
        }),
  };
}
