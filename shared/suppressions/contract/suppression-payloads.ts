import * as z from 'zod/mini';
import { described, eventPayload, id, named, time } from '../../events/contract/payload-schema.ts';

const suppression = named(
  'suppression',
  z.object({
    id,
    email: z.string(),
    origin: z.enum(['bounce', 'complaint', 'manual', 'unsubscribe']),
    source_id: described(z.nullable(z.string()), 'The email that caused it.'),
    created_at: time,
    stream: described(z.exactOptional(z.string()), 'Of which the mail is stopped; absent where all mail is.'),
  }),
  'An address that is not mailed.',
);

/** Payloads that subscribers get of suppressions. */
export const SUPPRESSION_PAYLOADS = [
  eventPayload('suppression.added', suppression, 'An address is not mailed any more.'),
  eventPayload('suppression.removed', suppression, 'An address may be mailed again.'),
] as const;
