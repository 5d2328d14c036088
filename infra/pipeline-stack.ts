import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { ValidConfig } from './config.ts';
import { AlarmTopic } from './constructs/alarm-topic.ts';
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

/**
 * A new account runs 10 functions at once. The queues together leave two for the API and the sweep, so that a backlog
 * never refuses new mail; raise these when the account's quota is raised (docs/deploy.md).
 */
const CONCURRENCY = { send: 4, attachments: 2, events: 2 };

/** The whole pipeline, in the order in which a message meets it. */
export class PipelineStack extends Stack {
  constructor(scope: Construct, id: string, { config, distDir, ...props }: PipelineStackProps) {
    super(scope, id, props);

    new DeployableDomains(this, 'Domains', config);
    const identities = config.domains.map(
      (domain) => new SendingIdentity(this, `Identity-${domain}`, { domain }),
    );
    const store = new MessageStore(this, 'Store', { keepContentDays: config.content.keepDays });

    const sendQueue = new WorkQueue(this, 'Send', {
      functionTimeout: TIMEOUTS['send-message'],
      batchSize: 10,
      batchingWindow: Duration.seconds(0),
      maximumConcurrency: CONCURRENCY.send,
      lateAfter: Duration.minutes(5),
      impact: 'accepted mail is not sent.',
      runbook: 'send-queue',
    });
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
    const stream = new TransactionalStream(this, 'Transactional', { eventQueue });

    const { lambdas } = new PipelineFunctions(this, 'Functions', {
      ...{ config, distDir, store, sendQueue, attachmentQueue, eventQueue, stream, identities },
    });
    const endpoint = new HttpEndpoint(this, 'Http', {
      acceptMessage: lambdas['accept-message'],
      controlApi: lambdas['control-api'],
    });
    sendQueue.feed(lambdas['send-message']);
    attachmentQueue.feed(lambdas['fetch-attachments']);
    eventQueue.feed(lambdas['record-event']);
    const sweeper = new Sweeper(this, 'Sweeper', lambdas);
    new BootstrapKey(this, 'Bootstrap', {
      createBootstrapKey: lambdas['create-bootstrap-key'],
      catalog: store.catalog,
    });

    const queueAlarms = [sendQueue, attachmentQueue, eventQueue].flatMap(({ alarms }) => alarms);
    const alarms = [...queueAlarms, endpoint.alarm, ...sweeper.alarms];
    if (config.alarms !== undefined) new AlarmTopic(this, 'Alarms', { email: config.alarms.email, alarms });
  }
}
