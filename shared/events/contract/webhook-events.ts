import { PUBLISHED_EVENT_TYPES } from '../published-event.ts';

/** What the contract has and this pipeline does not emit: who subscribes to it waits for a later version. */
const NOT_EMITTED_YET = [
  'email.received',
  'contact.created',
  'contact.updated',
  'contact.deleted',
  'contact.topics.updated',
  'topic.created',
  'topic.updated',
  'topic.deleted',
  'inbox.created',
  'inbox.updated',
  'inbox.deleted',
  'inbox.thread.created',
  'inbox.thread.folder.updated',
  'inbox.thread.assigned',
  'inbox.thread.unassigned',
  'inbox.thread.labels.updated',
  'inbox.email.received',
  'inbox.email.sent',
  'inbox.draft.created',
  'inbox.draft.updated',
  'inbox.draft.sent',
  'inbox.draft.deleted',
] as const;

/** Every type that a webhook may subscribe to. */
export const WEBHOOK_EVENT_TYPES = [...PUBLISHED_EVENT_TYPES, ...NOT_EMITTED_YET] as const;
