import { readDomainChange } from '../../shared/domains/adapters/domain-changes.ts';
import { eventsOfDomain } from '../../shared/domains/contract/domain-events.ts';
import type { DnsContext } from '../../shared/domains/contract/domain-object.ts';
import type { DomainChange } from '../../shared/domains/domain-change.ts';
import { readMessageChange } from '../../shared/messages/adapters/message-changes.ts';
import type { MessageChange } from '../../shared/messages/message-change.ts';
import {
  createEventsOfMessages,
  type EventsOfMessagesDeps,
} from '../../shared/messages/services/events-of-messages.ts';
import type { AnyEventSource, EventSource } from '../../shared/outbox/event-source.ts';
import { readSuppressionChange } from '../../shared/suppressions/adapters/suppression-changes.ts';
import { eventsOfSuppression } from '../../shared/suppressions/contract/suppression-events.ts';
import {
  createSuppressionReasons,
  type SuppressionReasonsDeps,
} from '../../shared/suppressions/services/suppression-reasons.ts';
import type { SuppressionChange } from '../../shared/suppressions/suppression-change.ts';

interface SourcesDeps extends Omit<EventsOfMessagesDeps, 'lookUpReasons' | 'region'>, SuppressionReasonsDeps {
  readonly messagesTableName: string;
  readonly suppressionsTableName: string;
  readonly catalogTableName: string;
  readonly place: DnsContext;
}

/** The subjects that have events: who adds one adds it here. */
export function wireSources(deps: SourcesDeps) {
  const { place } = deps;
  const messages: EventSource<MessageChange> = {
    tableName: deps.messagesTableName,
    read: readMessageChange,
    eventsOf: createEventsOfMessages({
      ...deps,
      lookUpReasons: createSuppressionReasons(deps),
      region: place.region,
    }),
  };
  const suppressions: EventSource<SuppressionChange> = {
    tableName: deps.suppressionsTableName,
    read: readSuppressionChange,
    eventsOf: (changes) => changes.map(eventsOfSuppression),
  };
  const domains: EventSource<DomainChange> = {
    tableName: deps.catalogTableName,
    read: readDomainChange,
    eventsOf: (changes) => changes.map((change) => eventsOfDomain(change, place)),
  };
  const all: readonly AnyEventSource[] = [messages, suppressions, domains];
  return { messages, all };
}
