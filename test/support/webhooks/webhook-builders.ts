import { eventIdOf } from '../../../shared/events/published-event.ts';
import type { WebhookAttempt, WebhookDelivery } from '../../../shared/webhooks/ports.ts';
import type { Webhook } from '../../../shared/webhooks/webhook.ts';
import { anId, NOON } from '../messages/message-builders.ts';

export function aWebhook(overrides: Partial<Webhook> = {}): Webhook {
  return {
    webhookId: anId(NOON, 1),
    tenant: 'default',
    endpoint: 'https://hooks.example.com/resend',
    events: ['email.delivered'],
    status: 'enabled',
    secrets: [{ secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}` }],
    createdAt: new Date(NOON).toISOString(),
    ...overrides,
  };
}

/** An attempt so long after noon. */
export function anAttempt(afterMs = 0, overrides: Partial<WebhookAttempt> = {}): WebhookAttempt {
  return {
    attemptId: anId(NOON + afterMs, afterMs),
    httpStatusCode: 200,
    response: 'ok',
    sentAt: new Date(NOON + afterMs).toISOString(),
    ...overrides,
  };
}

/** The delivery of an event of a moment; `fact` tells two of one moment apart. */
export function aDelivery(
  overrides: Partial<WebhookDelivery> = {},
  createdAtEpochMs = NOON,
  fact = 'a fact',
): WebhookDelivery {
  return {
    eventId: eventIdOf(createdAtEpochMs, fact),
    type: 'email.delivered',
    createdAt: new Date(createdAtEpochMs).toISOString(),
    state: 'success',
    attempts: [anAttempt()],
    position: { partition: 0, block: 1, index: 2 },
    ...overrides,
  };
}
