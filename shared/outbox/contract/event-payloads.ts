import * as z from 'zod/mini';
import { DOMAIN_STATUSES } from '../../domains/sending-domain.ts';
import type { PublishedEventType } from '../../events/published-event.ts';

/**
 * What subscribers get, in webhooks, in the log and on the bus. Fields are only ever added: whoever reads a payload passes
 * over those that it does not know. `docs/events.schema.json` is made of this (`npm run schemas`).
 */

/** Names and sentences for the JSON Schema. */
export const eventDescriptions = z.registry<{ readonly id?: string; readonly description: string }>();

/** Of a schema that nothing else uses: a sentence is about the schema, wherever it stands. */
const described = <Schema extends z.ZodMiniType>(schema: Schema, description: string): Schema => {
  eventDescriptions.add(schema, { description });
  return schema;
};

/** Written once and referred to by its name. */
const named = <Schema extends z.ZodMiniType>(id: string, schema: Schema, description: string): Schema => {
  eventDescriptions.add(schema, { id, description });
  return schema;
};

const time = named('time', z.iso.datetime(), 'ISO 8601, UTC.');
const id = named('id', z.guid(), 'A UUID.');

const isMachine = described(
  z.exactOptional(z.literal(true)),
  'A program has done it, and nobody has read. Absent where a person has.',
);

const recipient = described(
  z.exactOptional(z.string()),
  'The one recipient that the event is about, lower-cased; absent where nobody knows.',
);

const diagnosticCode = described(
  z.array(z.string()),
  'What the server of the recipient said, word for word.',
);

const email = named(
  'email',
  z.object({
    email_id: id,
    message_id: described(
      z.nullable(z.string()),
      'The header `Message-ID` of the mail; null before SES has given it one.',
    ),
    /** Of the mail. */
    created_at: time,
    from: z.string(),
    to: z.array(z.string()),
    subject: z.string(),
    broadcast_id: z.exactOptional(z.string()),
    template_id: z.exactOptional(z.string()),
    tags: described(
      z.exactOptional(z.record(z.string(), z.string())),
      'Values by name; absent where there are none.',
    ),
  }),
  'A mail.',
);

const emailOfOne = named(
  'email_to_one',
  z.extend(email, { recipient }),
  'A mail, and one of its recipients.',
);

const bounced = z.extend(emailOfOne, {
  bounce: z.object({
    type: z.enum(['Permanent', 'Transient', 'Undetermined']),
    subType: z.string(),
    message: z.string(),
    diagnosticCode,
  }),
});

const suppressed = z.extend(emailOfOne, {
  suppressed: z.object({
    type: described(
      z.string(),
      '`OnAccountSuppressionList` is a list of this pipeline or of its account, `Suppressed` one of SES; SES has further words.',
    ),
    reason: described(
      z.exactOptional(z.string()),
      '`previous_bounce`, `previous_complaint`, `manual` or `unsubscribed`; absent where nobody knows.',
    ),
    message: z.string(),
    diagnosticCode: z.exactOptional(diagnosticCode),
  }),
});

const failed = z.extend(email, { failed: z.object({ reason: z.string() }) });

const visit = { timestamp: time, ipAddress: z.string(), userAgent: z.string(), is_machine: isMachine };
const opened = z.extend(emailOfOne, { open: z.object(visit) });
const clicked = z.extend(emailOfOne, { click: z.object({ link: z.string(), ...visit }) });

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

/** One event of a type. */
function event<const Type extends PublishedEventType, Data extends z.ZodMiniType>(
  type: Type,
  data: Data,
  description: string,
) {
  /** `created_at` is when it happened. */
  return named(type, z.object({ type: z.literal(type), created_at: time, data }), description);
}

/** An event as it is handed over, discriminated by `type`. */
export const webhookPayload = z.discriminatedUnion('type', [
  event('email.scheduled', email, 'The mail is accepted and waits for its time.'),
  event('email.sent', email, 'SES has taken the mail.'),
  event('email.delivered', emailOfOne, 'The server of a recipient has taken the mail.'),
  event(
    'email.delivery_delayed',
    emailOfOne,
    'The server of a recipient does not take it yet; SES goes on trying.',
  ),
  event('email.bounced', bounced, 'The server of a recipient has refused the mail.'),
  event('email.complained', emailOfOne, 'A recipient has called it spam.'),
  event('email.suppressed', suppressed, 'A recipient was not mailed, because the address is suppressed.'),
  event('email.failed', failed, 'The mail is not sent.'),
  event('email.opened', opened, 'The mail was opened.'),
  event('email.clicked', clicked, 'A link in the mail was followed.'),
  event('email.unsubscribed', emailOfOne, 'A recipient wants no more mail of this kind.'),
  event('domain.created', domain, 'A sending domain was added.'),
  event('domain.updated', domain, 'What is shown of a sending domain has changed.'),
  event('domain.deleted', domain, 'A sending domain was removed.'),
  event('suppression.added', suppression, 'An address is not mailed any more.'),
  event('suppression.removed', suppression, 'An address may be mailed again.'),
]);

export type WebhookPayload = z.infer<typeof webhookPayload>;

/** What `data` of one type holds. */
export type WebhookData<Type extends PublishedEventType> = Extract<WebhookPayload, { type: Type }>['data'];
