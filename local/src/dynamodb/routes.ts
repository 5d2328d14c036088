import { type LocalRoute, localReply } from '../host/local-routes.ts';
import type { TableStreamBacklog } from './poller/backlog.ts';

/** `GET /_local/table-streams`: every mapping of a stream, how many records wait for it and the age of the oldest. */
export const tableStreamRoutes = (backlogs: () => readonly TableStreamBacklog[]): readonly LocalRoute[] => [
  { method: 'GET', path: '/_local/table-streams', handle: () => localReply(200, backlogs()) },
];
