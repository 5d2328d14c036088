import { type LocalRoute, localReply } from '../../host/local-routes.ts';
import type { Authoriser } from './authoriser.ts';

/** `GET /_local/authorised-calls`: every permission that was used and granted since the start, each once. */
export const authorisedCallsRoute = (authoriser: Pick<Authoriser, 'authorisedCalls'>): LocalRoute => ({
  method: 'GET',
  path: '/_local/authorised-calls',
  handle: () => localReply(200, authoriser.authorisedCalls()),
});
