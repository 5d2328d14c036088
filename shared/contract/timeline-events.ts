import type { Fact } from '../domain/delivery-event.ts';
import type { CountedEvent } from '../domain/event-counts.ts';
import type { Message } from '../domain/message.ts';
import { createdAtEpochMsOf } from '../domain/message-bucket.ts';
import { deliveryRecipientsOf } from '../domain/message-state.ts';
import type { PublishedEventType } from '../domain/published-event.ts';

/** What the log tells of one mail, as far as counting goes, in the order that it happened in. */
export function timelineEvents(message: Message, facts: readonly Fact[]): readonly CountedEvent[] {
  const ofFacts = facts.flatMap((fact) => eventOfFact(message, fact));
  const events = [...eventsOfRow(message), ...ofFacts].sort((one, other) =>
    one.createdAt < other.createdAt ? -1 : Number(one.createdAt > other.createdAt),
  );
  return events.map((event, index) =>
    isFirstVisit(event, events.slice(0, index)) ? { ...event, isFirst: true } : event,
  );
}

function eventsOfRow(message: Message): readonly CountedEvent[] {
  const { status, sentAtEpochMs, suppressedRecipients: dropped = [] } = message;
  const atEpochMs = sentAtEpochMs ?? createdAtEpochMsOf(message.messageId);
  const recipientCount = deliveryRecipientsOf(message).length;
  const event = (type: PublishedEventType): CountedEvent => ({
    type,
    createdAt: new Date(atEpochMs).toISOString(),
    data: { from: message.from },
  });
  const ofDropped = dropped.map(() => ({ ...event('email.suppressed'), isInsteadOfSent: true as const }));
  switch (status) {
    case 'sent':
      return [{ ...event('email.sent'), recipientCount: recipientCount - dropped.length }, ...ofDropped];
    case 'suppressed':
      return ofDropped;
    case 'failed':
      return [{ ...event('email.failed'), recipientCount, isInsteadOfSent: true }];
    default:
      return [];
  }
}

const TYPES: Readonly<Record<string, PublishedEventType>> = {
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

function eventOfFact(message: Message, { kind, occurredAt, detail }: Fact): readonly CountedEvent[] {
  const type = TYPES[kind];
  if (type === undefined) return [];
  const event: CountedEvent = {
    type,
    createdAt: new Date(occurredAt).toISOString(),
    data: { from: message.from, bounce: { type: detail?.bounceType } },
    ...(type === 'email.failed' ? { recipientCount: deliveryRecipientsOf(message).length } : {}),
    ...(detail?.isMachine ? { isMachine: true } : {}),
  };
  return [event];
}

/** By people. */
function isFirstVisit({ type, isMachine }: CountedEvent, earlier: readonly CountedEvent[]): boolean {
  const isVisit = type === 'email.opened' || type === 'email.clicked';
  return isVisit && !isMachine && !earlier.some((each) => each.type === type && !each.isMachine);
}
