import { notFound } from '../../../shared/base/contract/errors.ts';
import { readUuid } from '../../../shared/base/contract/uuid.ts';
import type { Webhook } from '../../../shared/webhooks/webhook.ts';
import { type Call, param } from '../call.ts';
import type { WebhookDeps } from './webhook-deps.ts';

/** @throws ContractError 404, also for another tenant's webhook */
export async function requireWebhook(
  call: Pick<Call, 'claims' | 'params'>,
  { webhooks }: Pick<WebhookDeps, 'webhooks'>,
): Promise<Webhook> {
  const webhook = await webhooks.get(call.claims.tenant, readUuid(param(call, 'id'), 'id'));
  if (webhook === undefined) throw webhookNotFound();
  return webhook;
}

export const webhookNotFound = () => notFound('Webhook not found');
