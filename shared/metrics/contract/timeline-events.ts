import { eventOfFact, eventsOfRow } from '../../messages/contract/message-events.ts';
import type { Fact } from '../../messages/delivery-event.ts';
import type { Message } from '../../messages/message.ts';
import { createdAtEpochMsOf } from '../../messages/message-bucket.ts';
import type { CountedEvent } from '../event-counts.ts';

/** Region, which is shown in the Message-ID alone, and that is not counted. */
const ANY_REGION = '';

/** Events that the log tells of one mail, in the order that they happened in. */
export function timelineEvents(message: Message, facts: readonly Fact[]): readonly CountedEvent[] {
  const ofRow = eventsOfRow(
    { before: undefined, after: message },
    {
      region: ANY_REGION,
      recordedAtEpochMs: createdAtEpochMsOf(message.messageId),
      reasons: new Map(),
    },
  );
  const ofFacts = facts.flatMap((fact) => eventOfFact(message, fact, ANY_REGION) ?? []);
  const events: readonly CountedEvent[] = [...ofRow, ...ofFacts].sort((one, other) =>
    one.createdAt < other.createdAt ? -1 : Number(one.createdAt > other.createdAt),
  );
  return events.map((event, index) =>
    isFirstVisit(event, events.slice(0, index)) ? { ...event, isFirst: true } : event,
  );
}

/** Tells whether a visit is the first of its type by a person. */
function isFirstVisit({ type, isMachine }: CountedEvent, earlier: readonly CountedEvent[]): boolean {
  const isVisit = type === 'email.opened' || type === 'email.clicked';
  return isVisit && !isMachine && !earlier.some((each) => each.type === type && !each.isMachine);
}
