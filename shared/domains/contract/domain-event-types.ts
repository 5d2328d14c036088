import type { EventType } from '../../events/event-types.ts';

/** Types of events that are published of sending domains. */
export const DOMAIN_EVENT_TYPES = [
  'domain.created',
  'domain.updated',
  'domain.deleted',
] as const satisfies readonly EventType[];

export type DomainEventType = (typeof DOMAIN_EVENT_TYPES)[number];
