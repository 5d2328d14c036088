import type { PublishedEvent } from '../../events/published-event.ts';

/** An entry of `GET /event-log`. */
export const loggedEvent = ({ id, type, createdAt, data }: PublishedEvent) => ({
  id,
  type,
  created_at: createdAt,
  data,
});
