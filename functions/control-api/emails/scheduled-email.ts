import { type ContractError, invalidField, notFound } from '../../../shared/base/contract/errors.ts';
import { isOwnId } from '../../../shared/base/contract/uuid.ts';
import type { Clock } from '../../../shared/base/ports.ts';
import type { Message } from '../../../shared/messages/message.ts';
import type { Messages } from '../../../shared/messages/ports.ts';

interface Deps {
  readonly messages: Pick<Messages, 'getMessage'>;
  readonly clock: Clock;
}

/** @throws ContractError 404, also for another tenant's message and for one that has expired */
export async function requireMessage(
  { messages, clock }: Deps,
  tenant: string,
  id: string,
): Promise<Message> {
  const message = isOwnId(id) ? await messages.getMessage(tenant, id, { consistent: true }) : undefined;
  if (message === undefined || message.expiresAtEpochSeconds * 1000 <= clock.nowEpochMs()) {
    throw notFound('Email not found');
  }
  return message;
}

/** Why a message that is not scheduled, or not any more, cannot be changed; who was faster is in the words. */
export function refusalOf(
  { status, scheduledAtEpochMs }: Message,
  done: 'canceled' | 'rescheduled',
): ContractError {
  if (status === 'canceled') return invalidField(`This email was canceled and can no longer be ${done}.`);
  const reason =
    scheduledAtEpochMs === undefined
      ? 'Only scheduled emails can be'
      : 'This email was already sent and can no longer be';
  return invalidField(`${reason} ${done}.`);
}
