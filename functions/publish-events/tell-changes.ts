import { eventsOfDomain } from '../../shared/contract/domain-events.ts';
import type { DomainPlace } from '../../shared/contract/domain-object.ts';
import {
  eventOfFact,
  eventsOfRow,
  type SuppressionReasons,
  scheduledEvent,
} from '../../shared/contract/email-events.ts';
import { eventsOfSuppression } from '../../shared/contract/suppression-events.ts';
import type { PublishedEvent } from '../../shared/domain/published-event.ts';
import type { StoredChange } from '../../shared/domain/stored-change.ts';
import type { FindMessage } from './know-messages.ts';

export interface TellContext {
  readonly findMessage: FindMessage;
  readonly reasonsOf: (change: StoredChange) => SuppressionReasons;
  readonly place: DomainPlace;
}

/** What subscribers are told of a change: nothing, one event, or several. */
export function eventsOf(change: StoredChange, context: TellContext): readonly PublishedEvent[] {
  const { findMessage, reasonsOf, place } = context;
  switch (change.kind) {
    case 'message':
      return eventsOfRow(change, {
        region: place.region,
        recordedAtEpochMs: change.recordedAtEpochMs,
        reasons: reasonsOf(change),
      });
    case 'fact': {
      const message = findMessage(change.tenant, change.fact.messageId);
      const event = message && eventOfFact(message, change.fact, place.region);
      return event === undefined ? [] : [event];
    }
    case 'batch-committed':
      return change.messageIds
        .map((messageId) => findMessage(change.tenant, messageId))
        .flatMap((message) => (message === undefined ? [] : [scheduledEvent(message, place.region)]));
    case 'suppression':
      return eventsOfSuppression(change);
    case 'domain':
      return eventsOfDomain(change, place);
    case 'other':
      return [];
  }
}
