import * as z from 'zod/mini';

/**
 * SES event records, as far as we read them; what else they hold is ignored.
 * https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html, read November 2026
 */
const text = z.string();
const optionalText = z.nullish(z.string());
const timestamp = z.string().check(z.refine((value) => !Number.isNaN(Date.parse(value)), 'not a time'));

const reportedRecipient = z.looseObject({
  emailAddress: text,
  diagnosticCode: optionalText,
  status: optionalText,
});

const sesMail = z.looseObject({
  timestamp,
  messageId: text,
  destination: z._default(z.array(text), []),
  tags: z._default(z.record(z.string(), z.array(text)), {}),
});

export const sesEvents = {
  Send: z.looseObject({ mail: sesMail }),
  Delivery: z.looseObject({
    mail: sesMail,
    delivery: z.looseObject({ timestamp, recipients: z.array(text), smtpResponse: optionalText }),
  }),
  DeliveryDelay: z.looseObject({
    mail: sesMail,
    deliveryDelay: z.looseObject({
      timestamp,
      delayType: optionalText,
      delayedRecipients: z.array(reportedRecipient),
    }),
  }),
  Bounce: z.looseObject({
    mail: sesMail,
    bounce: z.looseObject({
      timestamp,
      feedbackId: optionalText,
      bounceType: z.catch(z.enum(['Permanent', 'Transient', 'Undetermined']), 'Undetermined'),
      bounceSubType: z._default(text, 'Undetermined'),
      bouncedRecipients: z.array(reportedRecipient),
    }),
  }),
  Complaint: z.looseObject({
    mail: sesMail,
    complaint: z.looseObject({
      timestamp,
      feedbackId: optionalText,
      complaintSubType: optionalText,
      complaintFeedbackType: optionalText,
      userAgent: optionalText,
      complainedRecipients: z.array(reportedRecipient),
    }),
  }),
  Reject: z.looseObject({ mail: sesMail, reject: z.looseObject({ reason: optionalText }) }),
  'Rendering Failure': z.looseObject({
    mail: sesMail,
    failure: z.looseObject({ errorMessage: optionalText, templateName: optionalText }),
  }),
  Open: z.looseObject({
    mail: sesMail,
    open: z.looseObject({
      timestamp,
      ipAddress: optionalText,
      userAgent: optionalText,
      isBotEvent: z.optional(z.unknown()),
    }),
  }),
  Click: z.looseObject({
    mail: sesMail,
    click: z.looseObject({
      timestamp,
      link: text,
      ipAddress: optionalText,
      userAgent: optionalText,
      isBotEvent: z.optional(z.unknown()),
    }),
  }),
  Subscription: z.looseObject({
    mail: sesMail,
    subscription: z.looseObject({ timestamp: z.optional(timestamp), source: optionalText }),
  }),
} as const;

export type SesEventType = keyof typeof sesEvents;
export type SesEvent<Type extends SesEventType> = z.infer<(typeof sesEvents)[Type]>;
export type SesMail = z.infer<typeof sesMail>;

export const isSesEventType = (type: string): type is SesEventType => Object.hasOwn(sesEvents, type);
