import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { longestKeepDays, type ValidConfig } from './config.ts';
import { BootstrapKey } from './constructs/access/bootstrap-key.ts';
import { HttpEndpoint } from './constructs/access/http-endpoint.ts';
import { AlarmTopic } from './constructs/base/alarm-topic.ts';
import { WorkQueue } from './constructs/base/work-queue.ts';
import { DeployableDomains } from './constructs/domains/deployable-domains.ts';
import { SendingIdentity } from './constructs/domains/sending-identity.ts';
import { LiveTail } from './constructs/events/live-tail.ts';
import { Outbox } from './constructs/events/outbox.ts';
import { SubscriberBus } from './constructs/events/subscriber-bus.ts';
import { WebhookQueues } from './constructs/events/webhook-queues.ts';
import { PipelineFunctions } from './constructs/functions/pipeline-functions.ts';
import { MessageStore } from './constructs/messages/message-store.ts';
import { Sweeper } from './constructs/messages/sweeper.ts';
import { GuardAlarms } from './constructs/streams/guard-alarms.ts';
import { MailStream } from './constructs/streams/mail-stream.ts';
import { SendingPools } from './constructs/streams/sending-pools.ts';
import { TenantStatus } from './constructs/streams/tenant-status.ts';
import { TIMEOUTS } from './timeouts.ts';

export interface PipelineStackProps extends StackProps {
  readonly config: ValidConfig;
  /** Where `infra/build.ts` left the bundles. */
  readonly distDir: string;
}

/**
 * A new account runs 10 functions at once. These and the default streams have two each, the least that SQS takes: without
 * the releases, which run for seconds of a minute, they leave two for the API and the sweep, so that a backlog does not
 * refuse new mail. Webhooks take up to four more, where somebody has subscribed. Raise them when the account's quota is
 * raised (docs/deploy.md).
 */
const CONCURRENCY = { attachments: 2, events: 2, releases: 2, webhooks: 2 };

/** The whole pipeline, in the order in which a message meets it. */
export class PipelineStack extends Stack {
  constructor(scope: Construct, id: string, { config, distDir, ...props }: PipelineStackProps) {
    super(scope, id, props);

    new DeployableDomains(this, 'Domains', config);
    for (const domain of config.domains) new SendingIdentity(this, `Identity-${domain}`, { domain });
    const endpoint = new HttpEndpoint(this, 'Http');
    const store = new MessageStore(this, 'Store', { keepContentDays: longestKeepDays(config) });

    const attachmentQueue = new WorkQueue(this, 'Attachments', {
      functionTimeout: TIMEOUTS['fetch-attachments'],
      batchSize: 1,
      batchingWindow: Duration.seconds(0),
      maximumConcurrency: CONCURRENCY.attachments,
      lateAfter: Duration.minutes(10),
      impact: 'mail with attachments by URL is not sent.',
      runbook: 'attachment-queue',
    });
    const eventQueue = new WorkQueue(this, 'Events', {
      functionTimeout: TIMEOUTS['record-event'],
      batchSize: 100,
      batchingWindow: Duration.seconds(1),
      maximumConcurrency: CONCURRENCY.events,
      lateAfter: Duration.minutes(10),
      impact: 'bounces and complaints are not on the suppression list yet, and statuses are old.',
      runbook: 'event-queue',
    });
    const releaseQueue = new WorkQueue(this, 'Release', {
      functionTimeout: TIMEOUTS['release-due'],
      batchSize: 1,
      batchingWindow: Duration.seconds(0),
      maximumConcurrency: CONCURRENCY.releases,
      lateAfter: Duration.minutes(5),
      impact: 'scheduled mail, and mail that waits for more than 15 minutes, is late.',
      runbook: 'release-queue',
    });
    const webhookQueues = new WebhookQueues(this, 'Webhooks', { maximumConcurrency: CONCURRENCY.webhooks });
    const pools = new SendingPools(this, 'Pools', config);
    const streams = Object.entries(config.streams).map(
      ([name, stream]) =>
        new MailStream(this, `${name}-stream`, {
          ...stream,
          ...{ name, pools, eventQueue, contentKeepDays: config.content.keepDays },
        }),
    );

    const isOnBus = Object.values(config.streams).some(({ eventBus }) => eventBus);
    const subscriberBus = isOnBus ? new SubscriberBus(this, 'SubscriberBus') : undefined;
    if (config.tenants !== undefined) new TenantStatus(this, 'TenantStatus', { eventQueue });
    const { lambdas } = new PipelineFunctions(this, 'Functions', {
      ...{ config, distDir, store, attachmentQueue, eventQueue, releaseQueue, streams },
      subscriberBus,
      publicUrl: config.publicUrl ?? endpoint.api.apiEndpoint,
      ...{ webhookQueue: webhookQueues.quick, slowWebhookQueue: webhookQueues.slow },
    });
    endpoint.serve({ acceptMessage: lambdas['accept-message'], controlApi: lambdas['control-api'] });
    for (const { sendQueue } of streams) sendQueue.feed(lambdas['send-message']);
    attachmentQueue.feed(lambdas['fetch-attachments']);
    eventQueue.feed(lambdas['record-event']);
    releaseQueue.feed(lambdas['release-due']);
    const outbox = new Outbox(this, 'Outbox', { publishEvents: lambdas['publish-events'], store });
    webhookQueues.feed(lambdas['deliver-webhook']);
    const { 'tail-events': tailEvents } = lambdas;
    if (tailEvents !== undefined) new LiveTail(this, 'LiveTail', { tailEvents });
    const sweeper = new Sweeper(this, 'Sweeper', lambdas);
    new BootstrapKey(this, 'Bootstrap', {
      createBootstrapKey: lambdas['create-bootstrap-key'],
      catalog: store.catalog,
    });

    const queues = [...streams.map(({ sendQueue }) => sendQueue), attachmentQueue, eventQueue, releaseQueue];
    const queueAlarms = queues.flatMap(({ alarms }) => alarms);
    const guard = new GuardAlarms(this, 'Guard');
    const alarms = [
      ...queueAlarms,
      ...outbox.alarms,
      ...webhookQueues.alarms,
      endpoint.alarm,
      ...sweeper.alarms,
      ...guard.alarms,
    ];
    if (config.alarms !== undefined) new AlarmTopic(this, 'Alarms', { email: config.alarms.email, alarms });
  }
}
