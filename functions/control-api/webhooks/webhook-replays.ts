import { invalidField, unavailable } from '../../../shared/base/contract/errors.ts';
import {
  type ReplayJob,
  replayedDeliveryJob,
  type WebhookQueueJob,
} from '../../../shared/webhooks/contract/webhook-job.ts';
import { readReplay } from '../../../shared/webhooks/contract/webhook-request.ts';
import type { WebhookDelivery } from '../../../shared/webhooks/ports.ts';
import type { Webhook } from '../../../shared/webhooks/webhook.ts';
import { type Answer, type ApiRoute, ok, readFields } from '../call.ts';
import { requireDelivery, requireEvent } from './event-deliveries.ts';
import { requireWebhook } from './require-webhook.ts';
import type { WebhookDeps } from './webhook-deps.ts';

export function webhookReplayRoutes(deps: WebhookDeps): readonly ApiRoute[] {
  return [
    { method: 'POST', pattern: '/webhooks/{id}/replay', handler: replayMany(deps) },
    { method: 'POST', pattern: '/webhooks/{id}/events/{eventId}/replay', handler: replayOne(deps) },
  ];
}

/** The queue first: what it does not take is not shown as being on its way. */
function replayOne(deps: WebhookDeps): Answer {
  return async (call) => {
    const webhook = await requireWebhook(call, deps);
    const delivery = await requireDelivery(call, webhook.webhookId, deps);
    requireEnabled(webhook);
    const event = await requireEvent(delivery, webhook.tenant, deps);

    await enqueue(replayedDeliveryJob(webhook, { event, position: delivery.position }), deps);
    await showAttempting(webhook, delivery, deps);
    return ok({ object: 'webhook_event', id: delivery.eventId });
  };
}

/** Of all that failed, or of all that happened, in a time; one job walks through it. */
function replayMany(deps: WebhookDeps): Answer {
  return async (call) => {
    const range = readReplay(readFields(call.body), deps.clock.nowEpochMs());
    const webhook = await requireWebhook(call, deps);
    requireEnabled(webhook);

    await enqueue(replayJob(webhook, range), deps);
    return ok({
      object: 'webhook_replay',
      webhook_id: webhook.webhookId,
      status: range.which,
      from: new Date(range.fromEpochMs).toISOString(),
      until: new Date(range.untilEpochMs).toISOString(),
    });
  };
}

function requireEnabled({ status }: Webhook): void {
  if (status === 'enabled') return;
  throw invalidField('The webhook is disabled; set its `status` to `enabled` first.');
}

const replayJob = (
  { tenant, webhookId }: Webhook,
  range: Pick<ReplayJob, 'which' | 'fromEpochMs' | 'untilEpochMs'>,
): ReplayJob => ({
  version: 2,
  kind: 'replay',
  tenant,
  webhookId,
  ...range,
  queue: 'slow',
  waits: 0,
});

async function enqueue(job: WebhookQueueJob, { slowWebhookQueue }: WebhookDeps): Promise<void> {
  await slowWebhookQueue.enqueue(job).catch((cause: unknown) => {
    throw unavailable('Nothing can be queued at the moment.', cause);
  });
}

/** It is on its way whether this is written or not. */
async function showAttempting(
  { webhookId }: Webhook,
  { nextAttemptAt: _next, ...delivery }: WebhookDelivery,
  { webhookDeliveries, log }: WebhookDeps,
): Promise<void> {
  await webhookDeliveries.put(webhookId, { ...delivery, state: 'attempting' }).catch((error: unknown) => {
    log.warn('replay_not_shown', { webhookId, eventId: delivery.eventId, error });
  });
}
