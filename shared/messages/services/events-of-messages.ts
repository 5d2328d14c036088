import type { PublishedEvent } from '../../events/published-event.ts';
import type { EventsPerChange, Stored } from '../../events/stored-change.ts';
import { eventOfFact, eventsOfRow, scheduledEvent } from '../contract/message-events.ts';
import { type DroppedRecipient, droppedRecipientsOf, type MessageChange } from '../message-change.ts';
import { createFirstVisitMarks, type FirstVisitsDeps } from './first-visits.ts';
import { createMessageLookup, type FindMessage, type MessageLookupDeps } from './message-lookup.ts';

/**
 * Finds the reason why a recipient is on a list, in the contract's words; undefined where that is not known
 * any more.
 */
type ReasonOf = (dropped: DroppedRecipient) => string | undefined;

export interface EventsOfMessagesDeps extends MessageLookupDeps, FirstVisitsDeps {
  readonly lookUpReasons: (dropped: readonly DroppedRecipient[]) => Promise<ReasonOf>;
  /** Region of SES. */
  readonly region: string;
}

interface Context {
  readonly findMessage: FindMessage;
  readonly reasonOf: ReasonOf;
  readonly region: string;
}

/** Turns what was stored of mail into its events, with what has to be looked up for them. */
export function createEventsOfMessages(deps: EventsOfMessagesDeps) {
  const lookUpMessages = createMessageLookup(deps);
  const markFirstVisits = createFirstVisitMarks(deps);

  return async (changes: readonly Stored<MessageChange>[]): Promise<EventsPerChange> => {
    const all = changes.map(({ change }) => change);
    const findMessage = await lookUpMessages(all);
    const reasonOf = await deps.lookUpReasons(all.flatMap(droppedRecipientsOf));
    const context = { findMessage, reasonOf, region: deps.region };
    return markFirstVisits(changes.map((each) => eventsOf(each, context)));
  };
}

function eventsOf(
  { change, recordedAtEpochMs }: Stored<MessageChange>,
  { findMessage, reasonOf, region }: Context,
): readonly PublishedEvent[] {
  switch (change.kind) {
    case 'message':
      return eventsOfRow(change, { region, recordedAtEpochMs, reasons: reasonsOf(change, reasonOf) });
    case 'fact': {
      const message = findMessage(change.tenant, change.fact.messageId);
      const event = message && eventOfFact(message, change.fact, region);
      return event === undefined ? [] : [event];
    }
    case 'batch-committed':
      return change.messageIds
        .map((messageId) => findMessage(change.tenant, messageId))
        .flatMap((message) => (message === undefined ? [] : [scheduledEvent(message, region)]));
  }
}

const reasonsOf = (change: MessageChange, reasonOf: ReasonOf): ReadonlyMap<string, string> =>
  new Map(
    droppedRecipientsOf(change).flatMap((dropped) => {
      const reason = reasonOf(dropped);
      return reason === undefined ? [] : [[dropped.address, reason] as const];
    }),
  );
