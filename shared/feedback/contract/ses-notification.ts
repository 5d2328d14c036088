import * as z from 'zod/mini';
import { normaliseAddress } from '../../mail/address.ts';
import { MESSAGE_TAGS } from '../../sending/message-tags.ts';
import type { ReportedMail } from '../../sending/reported-mail.ts';
import type { DeliveryReport } from '../delivery-report.ts';
import {
  isSesEventType,
  type SesEvent,
  type SesEventType,
  type SesMail,
  sesEvents,
} from './ses-event-shape.ts';
import { SES_REPORTS } from './ses-reports.ts';

export type SesReading =
  | { readonly kind: 'report'; readonly report: DeliveryReport }
  /** Event of mail that was not sent by us, or not by `send-message`. */
  | { readonly kind: 'untagged'; readonly eventType: string }
  /** SES, or the account's owner there, lets a tenant send or no more. */
  | { readonly kind: 'tenant-status'; readonly tenant: string; readonly isEnabled: boolean }
  /** A type of event that we do not know, or a greeting. */
  | { readonly kind: 'unknown-type'; readonly eventType: string };

/** Envelope of EventBridge: the event is the `detail`. */
const busEnvelope = z.looseObject({ 'detail-type': z.string(), detail: z.looseObject({}) });
/**
 * Event of a tenant's status (SES guide, "Monitoring SES events using Amazon EventBridge"): without any event
 * destination, to the default bus.
 */
const tenantStatusEvent = z.looseObject({
  source: z.literal('aws.ses'),
  'detail-type': z.enum(['Sending Status Enabled', 'Sending Status Disabled']),
  resources: z.array(z.string()),
});
const TENANT_ARN = /:tenant\/(?<name>[\w-]{1,64})(?:\/|$)/;
/** Envelope of SNS without raw delivery: the event is a text. */
const topicEnvelope = z.looseObject({ Type: z.literal('Notification'), Message: z.string() });
const typedEvent = z.looseObject({
  eventType: z.optional(z.string()),
  notificationType: z.optional(z.string()),
});

/** Message id as `send-message` writes it: RFC 9562 version 7. */
const UUID_V7 = /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;
const TENANT = /^[\w-]{1,64}$/;
const ATTEMPT = /^[1-9]$/;

/**
 * Decodes the body of a record of the event queue. Texts that are no JSON stay texts: SES greets a new topic
 * with a sentence, and raw delivery hands it on as it is.
 */
export function decodeEventBody(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

/**
 * Reads an SES event as EventBridge or SNS hands it over, the same through both.
 * @throws where it is no event at all, or one of a known type that has not the shape that SES documents
 */
export function readSesNotification(value: unknown): SesReading {
  const status = tenantStatusEvent.safeParse(value);
  if (status.success) return readTenantStatus(status.data);
  const event = unwrap(value);
  if (isGreeting(event)) return { kind: 'unknown-type', eventType: 'greeting' };
  const typed = typedEvent.parse(event);
  const eventType = typed.eventType ?? typed.notificationType;
  if (!eventType) throw new TypeError('The record is no event of SES: it names no type.');
  if (!isSesEventType(eventType)) return { kind: 'unknown-type', eventType: eventType.slice(0, 64) };
  return readEvent(eventType, event);
}

/**
 * Reads a tenant's status. The ARN ends in `tenant/<name>/<id>`; the account's own status is not ours to act
 * on.
 */
function readTenantStatus({ 'detail-type': type, resources }: z.infer<typeof tenantStatusEvent>): SesReading {
  const tenant = resources
    .map((arn) => TENANT_ARN.exec(arn)?.groups?.name)
    .find((name) => name !== undefined);
  if (tenant === undefined) return { kind: 'unknown-type', eventType: type };
  return { kind: 'tenant-status', tenant, isEnabled: type === 'Sending Status Enabled' };
}

/** Tells whether an event is what SES says to a new topic, once. */
const isGreeting = (event: unknown): boolean =>
  typeof event === 'string' && event.startsWith('Successfully validated SNS topic');

function unwrap(value: unknown): unknown {
  const bus = busEnvelope.safeParse(value);
  if (bus.success) return bus.data.detail;
  const topic = topicEnvelope.safeParse(value);
  return topic.success ? decodeEventBody(topic.data.Message) : value;
}

function readEvent<Type extends SesEventType>(eventType: Type, value: unknown): SesReading {
  const event = sesEvents[eventType].parse(value) as SesEvent<Type>;
  const mail = reportedMail(event.mail);
  if (mail === undefined) return { kind: 'untagged', eventType };
  return { kind: 'report', report: SES_REPORTS[eventType](event, mail) };
}

/** Mail of a report; undefined where our tags are not there, or not as we write them. */
function reportedMail({ tags, messageId, destination, timestamp }: SesMail): ReportedMail | undefined {
  const ours = tags[MESSAGE_TAGS.messageId]?.[0] ?? '';
  const tenant = tags[MESSAGE_TAGS.tenant]?.[0] ?? '';
  const attempt = tags[MESSAGE_TAGS.attempt]?.[0] ?? '';
  if (!UUID_V7.test(ours) || !TENANT.test(tenant)) return undefined;
  return {
    messageId: ours,
    tenant,
    attempt: ATTEMPT.test(attempt) ? Number(attempt) : 1,
    sesMessageId: messageId,
    sentAtEpochMs: Date.parse(timestamp),
    recipients: [...new Set(destination.map(normaliseAddress))],
  };
}
