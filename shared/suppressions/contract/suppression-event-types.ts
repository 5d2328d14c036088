import type { EventType } from '../../events/event-types.ts';

/** Types of events that are published of suppressions. */
export const SUPPRESSION_EVENT_TYPES = [
  'suppression.added',
  'suppression.removed',
] as const satisfies readonly EventType[];

export type SuppressionEventType = (typeof SUPPRESSION_EVENT_TYPES)[number];
