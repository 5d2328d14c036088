import * as z from 'zod/mini';
import { described, eventPayload, id, named, time } from '../../events/contract/payload-schema.ts';

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
    /** Time of the mail. */
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

/** Payloads that subscribers get of mail. */
export const MESSAGE_PAYLOADS = [
  eventPayload('email.scheduled', email, 'The mail is accepted and waits for its time.'),
  eventPayload('email.sent', email, 'SES has taken the mail.'),
  eventPayload('email.delivered', emailOfOne, 'The server of a recipient has taken the mail.'),
  eventPayload(
    'email.delivery_delayed',
    emailOfOne,
    'The server of a recipient does not take it yet; SES goes on trying.',
  ),
  eventPayload('email.bounced', bounced, 'The server of a recipient has refused the mail.'),
  eventPayload('email.complained', emailOfOne, 'A recipient has called it spam.'),
  eventPayload(
    'email.suppressed',
    suppressed,
    'A recipient was not mailed, because the address is suppressed.',
  ),
  eventPayload('email.failed', failed, 'The mail is not sent.'),
  eventPayload('email.opened', opened, 'The mail was opened.'),
  eventPayload('email.clicked', clicked, 'A link in the mail was followed.'),
  eventPayload('email.unsubscribed', emailOfOne, 'A recipient wants no more mail of this kind.'),
] as const;
