import type { PublishedEvent } from '../domain/published-event.ts';

/** An event of the log as readers get it. */
export const eventObject = ({ id, type, createdAt, data }: PublishedEvent) => ({
  id,
  type,
  created_at: createdAt,
  data,
});
