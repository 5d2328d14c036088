import * as z from 'zod/mini';
import { eventPayload, id, named, time } from '../../events/contract/payload-schema.ts';
import { DOMAIN_STATUSES } from '../sending-domain.ts';

const domain = named(
  'domain',
  z.object({
    id,
    name: z.string(),
    status: z.enum(DOMAIN_STATUSES),
    created_at: time,
    region: z.string(),
    records: z.array(
      z.object({
        record: z.string(),
        name: z.string(),
        type: z.string(),
        ttl: z.string(),
        status: z.string(),
        value: z.string(),
        priority: z.exactOptional(z.number()),
      }),
    ),
  }),
  'A sending domain, and the DNS records to set for it.',
);

/** Payloads that subscribers get of sending domains. */
export const DOMAIN_PAYLOADS = [
  eventPayload('domain.created', domain, 'A sending domain was added.'),
  eventPayload('domain.updated', domain, 'What is shown of a sending domain has changed.'),
  eventPayload('domain.deleted', domain, 'A sending domain was removed.'),
] as const;
