import { Stack, type StackProps } from 'aws-cdk-lib';
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { longestKeepDays, type ValidConfig } from './config.ts';
import { HttpEndpoint } from './constructs/access/http-endpoint.ts';
import { AlarmTopic } from './constructs/base/alarm-topic.ts';
import { DeployableDomains } from './constructs/domains/deployable-domains.ts';
import { SendingIdentity } from './constructs/domains/sending-identity.ts';
import { EventQueue } from './constructs/events/event-queue.ts';
import { SubscriberBus } from './constructs/events/subscriber-bus.ts';
import { WebhookQueues } from './constructs/events/webhook-queues.ts';
import type { FunctionDefinition } from './constructs/functions/function-definition.ts';
import { PipelineFunctions } from './constructs/functions/pipeline-functions.ts';
import { AttachmentQueue } from './constructs/messages/attachment-queue.ts';
import { MessageStore } from './constructs/messages/message-store.ts';
import { ReleaseQueue } from './constructs/messages/release-queue.ts';
import { GuardAlarms } from './constructs/streams/guard-alarms.ts';
import { MailStreams } from './constructs/streams/mail-streams.ts';
import { SendingPools } from './constructs/streams/sending-pools.ts';
import { TenantStatus } from './constructs/streams/tenant-status.ts';
import { acceptMessage } from './functions/accept-message.ts';
import { controlApi } from './functions/control-api.ts';
import { createBootstrapKey } from './functions/create-bootstrap-key.ts';
import { deliverWebhook } from './functions/deliver-webhook.ts';
import { fetchAttachments } from './functions/fetch-attachments.ts';
import { publishEvents } from './functions/publish-events.ts';
import { recordEvent } from './functions/record-event.ts';
import { releaseDue } from './functions/release-due.ts';
import { sendMessage } from './functions/send-message.ts';
import { sweep } from './functions/sweep.ts';
import { tailEvents } from './functions/tail-events.ts';

export interface PipelineStackProps extends StackProps {
  readonly config: ValidConfig;
  /** Folder in which `infra/build.ts` left the bundles. */
  readonly distDir: string;
}

/** Every function, in the order in which a message meets them; what each needs stands in its own file. */
const FUNCTIONS: readonly FunctionDefinition[] = [
  acceptMessage,
  controlApi,
  fetchAttachments,
  sendMessage,
  recordEvent,
  publishEvents,
  sweep,
  releaseDue,
  deliverWebhook,
  tailEvents,
  createBootstrapKey,
];

/**
 * A new account runs 10 functions at once. These and the default streams have two each, the least that SQS takes: without
 * the releases, which run for seconds of a minute, they leave two for the API and the sweep, so that a backlog does not
 * refuse new mail. Webhooks take up to four more, where there are any. Raise them when the account's quota is raised
 * (docs/deploy.md).
 */
const CONCURRENCY = { attachments: 2, events: 2, releases: 2, webhooks: 2 };

/** The whole pipeline: what is stored and queued first, then the functions that work it. */
export class PipelineStack extends Stack {
  constructor(scope: Construct, id: string, { config, distDir, ...props }: PipelineStackProps) {
    super(scope, id, props);

    new DeployableDomains(this, 'Domains', config);
    for (const domain of config.domains) new SendingIdentity(this, `Identity-${domain}`, { domain });
    const endpoint = new HttpEndpoint(this, 'Http');
    const store = new MessageStore(this, 'Store', { keepContentDays: longestKeepDays(config) });

    const attachmentQueue = new AttachmentQueue(this, 'Attachments', {
      functionTimeout: fetchAttachments.timeout,
      maximumConcurrency: CONCURRENCY.attachments,
    });
    const eventQueue = new EventQueue(this, 'Events', {
      functionTimeout: recordEvent.timeout,
      maximumConcurrency: CONCURRENCY.events,
    });
    const releaseQueue = new ReleaseQueue(this, 'Release', {
      functionTimeout: releaseDue.timeout,
      maximumConcurrency: CONCURRENCY.releases,
    });
    const webhookQueues = new WebhookQueues(this, 'Webhooks', {
      functionTimeout: deliverWebhook.timeout,
      maximumConcurrency: CONCURRENCY.webhooks,
    });
    const streams = new MailStreams(this, {
      configs: config.streams,
      pools: new SendingPools(this, 'Pools', config),
      contentKeepDays: config.content.keepDays,
      eventQueue,
      functionTimeout: sendMessage.timeout,
    });
    const isOnBus = Object.values(config.streams).some(({ eventBus }) => eventBus);
    const subscriberBus = isOnBus ? new SubscriberBus(this, 'SubscriberBus') : undefined;
    if (config.tenants !== undefined) new TenantStatus(this, 'TenantStatus', { eventQueue });

    const queues = { attachmentQueue, eventQueue, releaseQueue, webhookQueues };
    const parts = { stack: this, config, endpoint, store, streams, subscriberBus, ...queues };
    new PipelineFunctions(this, 'Functions', { definitions: FUNCTIONS, parts, distDir });

    new GuardAlarms(this, 'Guard');
    const alarms = this.node.findAll().filter((each) => each instanceof Alarm);
    if (config.alarms !== undefined) new AlarmTopic(this, 'Alarms', { email: config.alarms.email, alarms });
  }
}
