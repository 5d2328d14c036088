import { defined } from '../../base/defined.ts';
import { eventIdOf, type PublishedEvent } from '../../events/published-event.ts';
import { type Fact, type FactKind, factKey } from '../delivery-event.ts';
import type { Message } from '../message.ts';
import { createdAtEpochMsOf } from '../message-bucket.ts';
import { BOUNCE_MESSAGES, deliveryRecipientsOf } from '../message-state.ts';
import { messageIdHeaderOf } from './email-object.ts';
import type { MessageEventType } from './message-event-types.ts';

/** The parts of a message that its events show; none of them ever changes. */
export type EventMessage = Pick<
  Message,
  'messageId' | 'tenant' | 'stream' | 'from' | 'to' | 'cc' | 'bcc' | 'subject' | 'tags'
>;

/** Reasons why each suppressed recipient is on a list, where that is known, in the contract's words. */
type SuppressionReasons = ReadonlyMap<string, string>;

/** Events that a row tells of itself, by the status that it has come to. */
export function eventsOfRow(
  { before, after }: { readonly before: Pick<Message, 'status'> | undefined; readonly after: Message },
  { region, recordedAtEpochMs, reasons }: RowContext,
): readonly PublishedEvent[] {
  if (before?.status === after.status) return [];
  switch (after.status) {
    case 'scheduled':
      // The mails of a batch are only kept once the batch is: its record tells of them.
      return before === undefined && after.batchId === undefined ? [scheduledEvent(after, region)] : [];
    case 'sent': {
      const atEpochMs = after.sentAtEpochMs ?? recordedAtEpochMs;
      return [sentEvent(after, atEpochMs, region), ...droppedEvents(after, { atEpochMs, region, reasons })];
    }
    case 'suppressed':
      return droppedEvents(after, { atEpochMs: after.endedAtEpochMs ?? recordedAtEpochMs, region, reasons });
    case 'failed':
      return [failedEvent(after, after.endedAtEpochMs ?? recordedAtEpochMs, region)];
    default:
      return [];
  }
}

interface RowContext {
  readonly region: string;
  /** Time for rows from before they had one of their own. */
  readonly recordedAtEpochMs: number;
  readonly reasons: SuppressionReasons;
}

/** Event of a message that was accepted for later. */
export function scheduledEvent(message: EventMessage, region: string): PublishedEvent {
  const atEpochMs = createdAtEpochMsOf(message.messageId);
  return emailEvent(message, 'email.scheduled', {
    atEpochMs,
    key: 'scheduled',
    data: header(undefined, region),
  });
}

function sentEvent(message: Message, atEpochMs: number, region: string): PublishedEvent {
  const dropped = message.suppressedRecipients?.length ?? 0;
  const event = emailEvent(message, 'email.sent', {
    atEpochMs,
    key: 'sent',
    data: header(message.sesMessageId, region),
  });
  return { ...event, ...countOf(deliveryRecipientsOf(message).length - dropped) };
}

function failedEvent(message: Message, atEpochMs: number, region: string): PublishedEvent {
  const event = emailEvent(message, 'email.failed', {
    atEpochMs,
    key: 'failed',
    data: {
      ...header(message.sesMessageId, region),
      failed: { reason: message.statusReason ?? 'unknown' },
    },
  });
  return { ...event, ...countOf(deliveryRecipientsOf(message).length), isInsteadOfSent: true };
}

function droppedEvents(
  message: Message,
  { atEpochMs, region, reasons }: { atEpochMs: number; region: string; reasons: SuppressionReasons },
): readonly PublishedEvent[] {
  return (message.suppressedRecipients ?? []).map((recipient) => ({
    ...emailEvent(message, 'email.suppressed', {
      atEpochMs,
      key: `suppressed#${recipient}`,
      data: {
        ...header(message.sesMessageId, region),
        recipient,
        suppressed: {
          type: 'OnAccountSuppressionList',
          reason: reasons.get(recipient) ?? LIKELY_REASON,
          message: 'The recipient is on the suppression list, and nothing was sent.',
          diagnosticCode: [],
        },
      },
    }),
    isInsteadOfSent: true,
  }));
}

/** An entry that is gone by now was most likely a bounce. */
const LIKELY_REASON = 'previous_bounce';

const TYPES: Partial<Record<FactKind, MessageEventType>> = {
  delivered: 'email.delivered',
  delayed: 'email.delivery_delayed',
  bounced: 'email.bounced',
  complained: 'email.complained',
  suppressed: 'email.suppressed',
  rejected: 'email.failed',
  rendering_failed: 'email.failed',
  opened: 'email.opened',
  clicked: 'email.clicked',
  unsubscribed: 'email.unsubscribed',
};

/** Event of a fact; undefined for facts that are not published. */
export function eventOfFact(message: EventMessage, fact: Fact, region: string): PublishedEvent | undefined {
  const type = TYPES[fact.kind];
  if (type === undefined) return undefined;
  const event = emailEvent(message, type, {
    atEpochMs: Date.parse(fact.occurredAt),
    key: factKey(fact),
    data: {
      // Empty where its recipient unsubscribed before it was known.
      ...header(fact.sesMessageId || undefined, region),
      ...defined({ recipient: fact.recipient }),
      ...DETAILS[fact.kind]?.(fact),
    },
  });
  const isWhole = type === 'email.failed';
  return {
    ...event,
    ...(fact.detail?.isMachine === true ? { isMachine: true } : {}),
    ...(isWhole ? countOf(deliveryRecipientsOf(message).length) : {}),
  };
}

const DETAILS: Partial<Record<FactKind, (fact: Fact) => Readonly<Record<string, unknown>>>> = {
  bounced: ({ detail = {} }) => ({
    bounce: {
      type: detail.bounceType ?? 'Undetermined',
      subType: detail.bounceSubType ?? 'Undetermined',
      message: BOUNCE_MESSAGES[detail.bounceType ?? 'Undetermined'],
      diagnosticCode: listOf(detail.diagnosticCode),
    },
  }),
  suppressed: ({ detail = {} }) => ({
    suppressed: {
      type: detail.bounceSubType ?? detail.complaintSubType ?? 'Suppressed',
      reason: detail.complaintSubType === undefined ? 'previous_bounce' : 'previous_complaint',
      message: 'SES has not sent to the recipient, because a suppression list has the address.',
      diagnosticCode: listOf(detail.diagnosticCode),
    },
  }),
  rejected: ({ detail }) => ({ failed: { reason: detail?.reason ?? 'rejected' } }),
  rendering_failed: ({ detail }) => ({ failed: { reason: detail?.reason ?? 'rendering_failed' } }),
  opened: (fact) => ({ open: visitOf(fact) }),
  clicked: (fact) => ({ click: { ...visitOf(fact), link: fact.detail?.link ?? '' } }),
};

const visitOf = ({ occurredAt, detail }: Fact) => ({
  ipAddress: detail?.ipAddress ?? '',
  timestamp: occurredAt,
  userAgent: detail?.userAgent ?? '',
  ...(detail?.isMachine === true ? { is_machine: true } : {}),
});

const listOf = (text: string | undefined): readonly string[] => (text === undefined ? [] : [text]);

/** The `message_id` of an event, in the contract's place, right behind the id. */
const header = (sesMessageId: string | undefined, region: string) => ({
  message_id: messageIdHeaderOf(sesMessageId, region),
});

/** Number of recipients that an event about a whole mail stands for; left out where it is one. */
const countOf = (recipientCount: number) => (recipientCount === 1 ? {} : { recipientCount });

function emailEvent(
  { tenant, messageId, stream, from, to, subject, tags }: EventMessage,
  type: MessageEventType,
  { atEpochMs, key, data }: { atEpochMs: number; key: string; data: Readonly<Record<string, unknown>> },
): PublishedEvent {
  return {
    id: eventIdOf(atEpochMs, tenant, messageId, key),
    type,
    tenant,
    stream,
    createdAt: new Date(atEpochMs).toISOString(),
    data: {
      email_id: messageId,
      created_at: new Date(createdAtEpochMsOf(messageId)).toISOString(),
      from,
      to,
      subject,
      ...(tags.length === 0
        ? {}
        : { tags: Object.fromEntries(tags.map(({ name, value }) => [name, value])) }),
      ...data,
    },
  };
}
