import * as z from 'zod/mini';
import type { LogPosition } from '../../event-log/ports.ts';
import type { PublishedEvent } from '../../events/published-event.ts';
import type { Webhook } from '../webhook.ts';

/**
 * Jobs that the webhook queues carry, version 2; the rules of `queue-body.ts` hold. The event travels along,
 * so that an attempt reads nothing but its endpoint.
 */
export const webhookJob = z.object({
  version: z.literal(2),
  kind: z.literal('deliver'),
  tenant: z.string(),
  webhookId: z.string(),
  /** Event as the endpoint gets it; `id` goes into the headers. */
  event: z.object({
    id: z.string(),
    type: z.string(),
    createdAt: z.string(),
    data: z.record(z.string(), z.unknown()),
  }),
  position: z.object({ partition: z.number(), block: z.number(), index: z.number() }),
  /** Number of attempts that were made before, of this round. */
  attempts: z.number(),
  /** Queue that it is in: endpoints that have not shown that they are quick have one of their own. */
  queue: z.enum(['quick', 'slow']),
  /** Number of times that it was requeued without an attempt. */
  waits: z.number(),
  /** Asked for again, through the API. */
  isReplay: z.exactOptional(z.boolean()),
});

export type WebhookJob = z.infer<typeof webhookJob>;

/** An event of the log, and where it stands in it. */
interface LocatedEvent {
  readonly event: PublishedEvent;
  readonly position: LogPosition;
}

/** The first attempt to bring an event to a webhook. */
export const deliveryJob = (
  { tenant, webhookId }: Pick<Webhook, 'tenant' | 'webhookId'>,
  { event: { id, type, createdAt, data }, position }: LocatedEvent,
): WebhookJob => ({
  version: 2,
  kind: 'deliver',
  tenant,
  webhookId,
  event: { id, type, createdAt, data },
  position,
  attempts: 0,
  queue: 'quick',
  waits: 0,
});

/** The same, asked for again: in the slow queue, so that new events do not wait behind a long replay. */
export const replayedDeliveryJob = (
  webhook: Pick<Webhook, 'tenant' | 'webhookId'>,
  located: LocatedEvent,
): WebhookJob => ({
  ...deliveryJob(webhook, located),
  queue: 'slow',
  isReplay: true,
});

/**
 * Job that hands many events over once more: walks through the log, or through what has failed, a stretch at
 * a time.
 */
const replayJob = z.object({
  version: z.literal(2),
  kind: z.literal('replay'),
  tenant: z.string(),
  webhookId: z.string(),
  /** Events to hand over: `all` of the time range, or what `failed` in it. */
  which: z.enum(['all', 'failed']),
  fromEpochMs: z.number(),
  untilEpochMs: z.number(),
  /** Place where an earlier job has stopped, as text. */
  after: z.exactOptional(z.string()),
  queue: z.literal('slow'),
  waits: z.number(),
});

export type ReplayJob = z.infer<typeof replayJob>;

export const webhookQueueJob = z.discriminatedUnion('kind', [webhookJob, replayJob]);
export type WebhookQueueJob = z.infer<typeof webhookQueueJob>;
