import { readUuid } from '../../../shared/base/contract/uuid.ts';
import type { Clock } from '../../../shared/base/ports.ts';
import type { Message } from '../../../shared/messages/message.ts';
import type { Messages } from '../../../shared/messages/ports.ts';
import { type Answer, type ApiRoute, ok, param } from '../call.ts';
import { refusalOf } from './refusal.ts';
import { requireMessage } from './require-email.ts';

export interface CancelDeps {
  readonly messages: Pick<Messages, 'getMessage' | 'advance'>;
  readonly clock: Clock;
}

export const cancelRoute = (deps: CancelDeps): ApiRoute => ({
  method: 'POST',
  pattern: '/emails/{id}/cancel',
  handler: cancelEmail(deps),
});

/**
 * The row says who was faster: from `scheduled` a message goes either to `canceled` or to its sender. What was canceled
 * before is answered the same, so that a request whose answer was lost can be repeated.
 */
function cancelEmail(deps: CancelDeps): Answer {
  return async (call) => {
    const { tenant } = call.claims;
    const id = readUuid(param(call, 'id'), 'id');

    const seen = await requireMessage(deps, tenant, id);
    const message = seen.status === 'scheduled' ? await cancel(seen, deps) : seen;
    if (message.status !== 'canceled') throw refusalOf(message, 'canceled');

    return ok({ object: 'email', id });
  };
}

/** The message as it is afterwards. */
async function cancel(seen: Message, deps: CancelDeps): Promise<Message> {
  const { tenant, messageId } = seen;
  const isOurs = await deps.messages.advance(tenant, messageId, seen, { to: 'canceled' });
  return isOurs ? { ...seen, status: 'canceled' } : requireMessage(deps, tenant, messageId);
}
