import type { EventSources } from '../host/event-sources.ts';
import { type LocalRoute, localReply } from '../host/local-routes.ts';

/** `GET /_local/streams`: every mapping of a stream, how many records wait for it and the age of the oldest. */
export const streamRoutes = ({ backlogs }: Pick<EventSources, 'backlogs'>): readonly LocalRoute[] => [
  { method: 'GET', path: '/_local/streams', handle: () => localReply(200, backlogs()) },
];
