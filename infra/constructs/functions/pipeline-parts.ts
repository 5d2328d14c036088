import type { Stack } from 'aws-cdk-lib';
import type { ValidConfig } from '../../config.ts';
import type { HttpEndpoint } from '../access/http-endpoint.ts';
import type { WorkQueue } from '../base/work-queue.ts';
import type { SubscriberBus } from '../events/subscriber-bus.ts';
import type { WebhookQueues } from '../events/webhook-queues.ts';
import type { MessageStore } from '../messages/message-store.ts';
import type { MailStreams } from '../streams/mail-streams.ts';

/**
 * Parts that are there before the functions, which are told of them, may use them, and are started by them.
 */
export interface PipelineParts {
  /** Stack in which a function's trigger finds its place. */
  readonly stack: Stack;
  readonly config: ValidConfig;
  readonly endpoint: HttpEndpoint;
  readonly store: MessageStore;
  readonly attachmentQueue: WorkQueue;
  readonly eventQueue: WorkQueue;
  readonly releaseQueue: WorkQueue;
  readonly webhookQueues: WebhookQueues;
  readonly streams: MailStreams;
  /** Bus for subscribers; undefined where no stream's events go to one. */
  readonly subscriberBus: SubscriberBus | undefined;
}
