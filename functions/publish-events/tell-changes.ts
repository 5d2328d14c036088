import type { DnsContext } from '../../shared/domains/contract/domain-object.ts';
import type { LogEntry } from '../../shared/event-log/ports.ts';
import type { PublishedEvent } from '../../shared/events/published-event.ts';
import { eventsOfDomain } from '../../shared/outbox/contract/domain-events.ts';
import {
  eventOfFact,
  eventsOfRow,
  type SuppressionReasons,
  scheduledEvent,
} from '../../shared/outbox/contract/email-events.ts';
import { eventsOfSuppression } from '../../shared/outbox/contract/suppression-events.ts';
import type { StoredChange } from '../../shared/outbox/stored-change.ts';
import { createKnowMessages, type FindMessage, type KnowMessagesDeps } from './know-messages.ts';
import { createWhySuppressed, type WhySuppressedDeps } from './why-suppressed.ts';

export interface TellChangesDeps extends KnowMessagesDeps, WhySuppressedDeps {
  readonly place: DnsContext;
}

interface Context {
  readonly findMessage: FindMessage;
  readonly reasonsOf: (change: StoredChange) => SuppressionReasons;
  readonly place: DnsContext;
}

/** From what was stored to what subscribers are told of it, with whatever has to be looked up for it. */
export function createTellChanges(deps: TellChangesDeps) {
  const knowMessages = createKnowMessages(deps);
  const whySuppressed = createWhySuppressed(deps);

  return async (changes: readonly StoredChange[]): Promise<readonly LogEntry[]> => {
    const findMessage = await knowMessages(changes);
    const reasonsOf = await whySuppressed(changes);
    const context = { findMessage, reasonsOf, place: deps.place };
    return changes.flatMap((change) =>
      eventsOf(change, context).map((event) => ({ event, recordedAtEpochMs: change.recordedAtEpochMs })),
    );
  };
}

/** Nothing, one event, or several. */
function eventsOf(change: StoredChange, context: Context): readonly PublishedEvent[] {
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
