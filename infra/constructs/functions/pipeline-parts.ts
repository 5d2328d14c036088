import type { Stack } from 'aws-cdk-lib';
import type { ValidConfig } from '../../config.ts';
import type { HttpEndpoint } from '../access/http-endpoint.ts';
import type { WorkQueue } from '../base/work-queue.ts';
import type { SubscriberBus } from '../events/subscriber-bus.ts';
import type { WebhookQueues } from '../events/webhook-queues.ts';
import type { MessageStore } from '../messages/message-store.ts';
import type { MailStreams } from '../streams/mail-streams.ts';

/** What there is before the functions: they are told of it, may use it, and are started by it. */
export interface PipelineParts {
  /** Where a function's trigger finds its place. */
  readonly stack: Stack;
  readonly config: ValidConfig;
  readonly endpoint: HttpEndpoint;
  readonly store: MessageStore;
  readonly attachmentQueue: WorkQueue;
  readonly eventQueue: WorkQueue;
  readonly releaseQueue: WorkQueue;
  readonly webhookQueues: WebhookQueues;
  readonly streams: MailStreams;
  /** Undefined where no stream's events go to one. */
  readonly subscriberBus: SubscriberBus | undefined;
}
