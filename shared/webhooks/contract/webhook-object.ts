import type { PublishedEvent } from '../../events/published-event.ts';
import type { WebhookAttempt, WebhookDelivery } from '../ports.ts';
import type { Webhook } from '../webhook.ts';

/** An entry of `GET /webhooks`; `disabled_reason` is ours and says why we have disabled it. */
export function webhookItem({ webhookId, endpoint, createdAt, status, events, disabledReason }: Webhook) {
  return {
    id: webhookId,
    endpoint,
    created_at: createdAt,
    status,
    events,
    disabled_reason: disabledReason ?? null,
  };
}

/** Body of `GET /webhooks/{id}`. */
export const webhookObject = (webhook: Webhook) => ({
  object: 'webhook',
  ...webhookItem(webhook),
  signing_secret: newestSecretOf(webhook),
});

/** The answer to a new webhook, and to a new secret of one. */
export const webhookSecretObject = (webhook: Webhook) => ({
  object: 'webhook',
  id: webhook.webhookId,
  signing_secret: newestSecretOf(webhook),
});

export const newestSecretOf = ({ secrets }: Pick<Webhook, 'secrets'>): string => secrets[0]?.secret ?? '';

/** An entry of `GET /webhooks/{id}/events`. */
export function webhookEventItem({ eventId, type, createdAt, state }: WebhookDelivery) {
  return { id: eventId, type, created_at: createdAt, status: state };
}

/** Body of `GET /webhooks/{id}/events/{eventId}`: with the payload as the endpoint gets it. */
export const webhookEventObject = (
  delivery: WebhookDelivery,
  { type, createdAt, data }: Pick<PublishedEvent, 'type' | 'createdAt' | 'data'>,
) => ({
  object: 'webhook_event',
  ...webhookEventItem(delivery),
  next_attempt_at: delivery.nextAttemptAt ?? null,
  payload: { type, created_at: createdAt, data },
});

/** An entry of `GET /webhooks/{id}/events/{eventId}/attempts`; a status code of 0 is no answer. */
export function webhookAttemptItem({ attemptId, httpStatusCode, response, sentAt }: WebhookAttempt) {
  return { id: attemptId, http_status_code: httpStatusCode, response, sent_at: sentAt };
}
