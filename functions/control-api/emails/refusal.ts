import { type ContractError, invalidField } from '../../../shared/base/contract/errors.ts';
import type { Message } from '../../../shared/messages/message.ts';

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
