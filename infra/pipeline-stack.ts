import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { ValidConfig } from './config.ts';
import { BootstrapKey } from './constructs/bootstrap-key.ts';
import { DeployableDomains } from './constructs/deployable-domains.ts';
import { HttpEndpoint } from './constructs/http-endpoint.ts';
import { MessageStore } from './constructs/message-store.ts';
import { PipelineFunctions } from './constructs/pipeline-functions.ts';
import { SendingIdentity } from './constructs/sending-identity.ts';
import { Sweeper } from './constructs/sweeper.ts';
import { TransactionalStream } from './constructs/transactional-stream.ts';
import { WorkQueue } from './constructs/work-queue.ts';
import { TIMEOUTS } from './timeouts.ts';

export interface PipelineStackProps extends StackProps {
  readonly config: ValidConfig;
  /** Where `infra/build.ts` left the bundles. */
  readonly distDir: string;
}

/** The whole pipeline, in the order in which a message meets it. */
export class PipelineStack extends Stack {
  constructor(scope: Construct, id: string, { config, distDir, ...props }: PipelineStackProps) {
    super(scope, id, props);

    new DeployableDomains(this, 'Domains', config);
    const identities = config.domains.map(
      (domain) => new SendingIdentity(this, `Identity-${domain}`, { domain, region: this.region }),
    );
    const store = new MessageStore(this, 'Store', { keepContentDays: config.content.keepDays });

    const sendQueue = new WorkQueue(this, 'Send', {
      functionTimeout: TIMEOUTS.sendMessage,
      batchSize: 10,
      batchingWindow: Duration.seconds(0),
      maximumConcurrency: 5,
      lateAfter: Duration.minutes(5),
      impact: 'accepted mail is not sent.',
      runbook: 'send-queue',
    });
    const attachmentQueue = new WorkQueue(this, 'Attachments', {
      functionTimeout: TIMEOUTS.fetchAttachments,
      batchSize: 1,
      batchingWindow: Duration.seconds(0),
      maximumConcurrency: 5,
      lateAfter: Duration.minutes(10),
      impact: 'mail with attachments by URL is not sent.',
      runbook: 'attachment-queue',
    });
    const eventQueue = new WorkQueue(this, 'Events', {
      functionTimeout: TIMEOUTS.recordEvent,
      batchSize: 100,
      batchingWindow: Duration.seconds(1),
      maximumConcurrency: 5,
      lateAfter: Duration.minutes(10),
      impact: 'bounces and complaints are not on the suppression list yet, and statuses are old.',
      runbook: 'event-queue',
    });
    const stream = new TransactionalStream(this, 'Transactional', { eventQueue: eventQueue.queue });

    const functions = new PipelineFunctions(this, 'Functions', {
      ...{ config, distDir, store, sendQueue, attachmentQueue, eventQueue, stream, identities },
    });
    new HttpEndpoint(this, 'Http', functions);
    new Sweeper(this, 'Sweeper', functions);
    new BootstrapKey(this, 'Bootstrap', {
      createBootstrapKey: functions.createBootstrapKey,
      catalog: store.catalog,
    });
  }
}
