import { DOMAIN_EVENT_TYPES } from '../../domains/contract/domain-event-types.ts';
import { MESSAGE_EVENT_TYPES } from '../../messages/contract/message-event-types.ts';
import { SUPPRESSION_EVENT_TYPES } from '../../suppressions/contract/suppression-event-types.ts';

/** Types of events that this pipeline publishes, of all subjects. */
export const PUBLISHED_EVENT_TYPES = [
  ...MESSAGE_EVENT_TYPES,
  ...DOMAIN_EVENT_TYPES,
  ...SUPPRESSION_EVENT_TYPES,
] as const;

export type PublishedEventType = (typeof PUBLISHED_EVENT_TYPES)[number];
