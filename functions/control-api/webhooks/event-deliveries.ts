import { ContractError, invalidField, notFound } from '../../../shared/base/contract/errors.ts';
import { listObject, pageOf, readPage, withLimit } from '../../../shared/base/contract/page.ts';
import { isEventId, type PublishedEvent } from '../../../shared/events/published-event.ts';
import {
  webhookAttemptItem,
  webhookEventItem,
  webhookEventObject,
} from '../../../shared/webhooks/contract/webhook-object.ts';
import type { WebhookDelivery } from '../../../shared/webhooks/ports.ts';
import { type Answer, type ApiRoute, type Call, ok, param } from '../call.ts';
import { requireWebhook } from './require-webhook.ts';
import type { WebhookDeps } from './webhook-deps.ts';

export function eventDeliveryRoutes(deps: WebhookDeps): readonly ApiRoute[] {
  const event = '/webhooks/{id}/events/{eventId}';
  return [
    { method: 'GET', pattern: '/webhooks/{id}/events', handler: listEvents(deps) },
    { method: 'GET', pattern: event, handler: showEvent(deps) },
    { method: 'GET', pattern: `${event}/attempts`, handler: listAttempts(deps) },
  ];
}

function listEvents(deps: WebhookDeps): Answer {
  return async (call) => {
    const { before, ...page } = withLimit(readPage(call.query, readEventId));
    if (before !== undefined) throw invalidField('This list goes on with `after` alone.');
    const { webhookId } = await requireWebhook(call, deps);
    const { deliveries, hasMore } = await deps.webhookDeliveries.list(webhookId, page);
    return ok(listObject(deliveries.map(webhookEventItem), hasMore));
  };
}

function showEvent(deps: WebhookDeps): Answer {
  return async (call) => {
    const { webhookId } = await requireWebhook(call, deps);
    const delivery = await requireDelivery(call, webhookId, deps);
    const event = await requireEvent(delivery, call.claims.tenant, deps);
    return ok(webhookEventObject(delivery, event));
  };
}

/** Newest first. */
function listAttempts(deps: WebhookDeps): Answer {
  return async (call) => {
    const page = readPage(call.query);
    const { webhookId } = await requireWebhook(call, deps);
    const { attempts } = await requireDelivery(call, webhookId, deps);
    const { items, hasMore } = pageOf(attempts.toReversed(), ({ attemptId }) => attemptId, page);
    return ok(listObject(items.map(webhookAttemptItem), hasMore));
  };
}

/** @throws ContractError 404, also for an event that was never on its way to this webhook */
export async function requireDelivery(
  call: Pick<Call, 'params'>,
  webhookId: string,
  { webhookDeliveries }: Pick<WebhookDeps, 'webhookDeliveries'>,
): Promise<WebhookDelivery> {
  const eventId = readEventId(param(call, 'eventId'), 'eventId');
  const delivery = await webhookDeliveries.get(webhookId, eventId);
  if (delivery === undefined) throw notFound('Webhook event not found');
  return delivery;
}

/** @throws ContractError 404: what was handed over again is remembered longer than the log keeps it */
export async function requireEvent(
  { eventId, position }: WebhookDelivery,
  tenant: string,
  { eventLog }: Pick<WebhookDeps, 'eventLog'>,
): Promise<PublishedEvent> {
  const event = await eventLog.get(tenant, position);
  if (event?.id === eventId) return event;
  throw notFound('Webhook event not found: the event log does not keep it any more.');
}

function readEventId(text: string, name: string): string {
  if (isEventId(text)) return text;
  throw new ContractError(
    422,
    'invalid_parameter',
    `The \`${name}\` must be the id of an event (\`msg_…\`).`,
  );
}
