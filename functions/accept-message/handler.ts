/**
 * `POST /emails` and `POST /emails/batch`, called by the HTTP API: a 200 is given for stored mail alone. Only the caller
 * repeats a request, and is safe to with an idempotency key.
 */
import { httpStack } from '../../shared/runtime/http-stack.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { routeOf } from '../../shared/submission/submission.ts';
import { wireAcceptMessage } from './wire-accept-message.ts';

const log = createLogger('accept-message');
const acceptMessage = wireAcceptMessage(log);

export const handler = httpStack(
  ({ path, headers, body }) => acceptMessage({ route: routeOf(path), headers, body }),
  log,
);
