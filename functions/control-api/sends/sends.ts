import type { AcceptMessage } from '../../../shared/submission/services/accept-message.ts';
import type { SendRoute } from '../../../shared/submission/submission.ts';
import type { Answer, ApiRoute } from '../call.ts';

interface SendDeps {
  readonly acceptMessage: AcceptMessage;
}

/** The two routes of `accept-message`, for paths that are spelt oddly. */
export function sendRoutes(deps: SendDeps): readonly ApiRoute[] {
  return [
    { method: 'POST', pattern: '/emails', handler: send('single', deps) },
    { method: 'POST', pattern: '/emails/batch', handler: send('batch', deps) },
  ];
}

function send(route: SendRoute, { acceptMessage }: SendDeps): Answer {
  return ({ headers, body }) => acceptMessage({ headers, body, route });
}
