import { readUuid } from '../../../shared/base/contract/uuid.ts';
import type { Message } from '../../../shared/messages/message.ts';
import { type Answer, ok, param } from '../call.ts';
import type { EmailDeps } from './email-deps.ts';
import { refusalOf } from './refusal.ts';
import { requireMessage } from './require-email.ts';

type Deps = Pick<EmailDeps, 'messages' | 'clock'>;

/**
 * The row says who was faster: from `scheduled` a message goes either to `canceled` or to its sender. What was canceled
 * before is answered the same, so that a request whose answer was lost can be repeated.
 */
export function cancelEmail(deps: Deps): Answer {
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
async function cancel(seen: Message, deps: Deps): Promise<Message> {
  const { tenant, messageId } = seen;
  const isOurs = await deps.messages.advance(tenant, messageId, seen, { to: 'canceled' });
  return isOurs ? { ...seen, status: 'canceled' } : requireMessage(deps, tenant, messageId);
}
