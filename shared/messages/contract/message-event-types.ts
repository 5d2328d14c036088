import type { EventType } from '../../events/event-types.ts';

/** Types of events that are published of mail. */
export const MESSAGE_EVENT_TYPES = [
  'email.scheduled',
  'email.sent',
  'email.delivered',
  'email.delivery_delayed',
  'email.bounced',
  'email.complained',
  'email.suppressed',
  'email.failed',
  'email.opened',
  'email.clicked',
  'email.unsubscribed',
] as const satisfies readonly EventType[];

export type MessageEventType = (typeof MESSAGE_EVENT_TYPES)[number];
