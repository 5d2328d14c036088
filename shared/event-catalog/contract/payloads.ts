import * as z from 'zod/mini';
import { DOMAIN_PAYLOADS } from '../../domains/contract/domain-payloads.ts';
import { MESSAGE_PAYLOADS } from '../../messages/contract/message-payloads.ts';
import { SUPPRESSION_PAYLOADS } from '../../suppressions/contract/suppression-payloads.ts';
import type { PublishedEventType } from './published-types.ts';

/**
 * Payloads that subscribers get, in webhooks, in the log and on the bus: an event as it is handed over, told
 * apart by `type`.
 */
export const webhookPayload = z.discriminatedUnion('type', [
  ...MESSAGE_PAYLOADS,
  ...DOMAIN_PAYLOADS,
  ...SUPPRESSION_PAYLOADS,
]);

export type WebhookPayload = z.infer<typeof webhookPayload>;

/** Type of `data` in an event of one type. */
export type WebhookData<Type extends PublishedEventType> = Extract<WebhookPayload, { type: Type }>['data'];
