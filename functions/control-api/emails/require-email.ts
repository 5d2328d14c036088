import { notFound } from '../../../shared/base/contract/errors.ts';
import { isOwnId } from '../../../shared/base/contract/uuid.ts';
import type { Clock } from '../../../shared/base/ports.ts';
import type { Message } from '../../../shared/messages/message.ts';
import type { Messages } from '../../../shared/messages/ports.ts';
import { isExpired } from '../../../shared/messages/retention.ts';

interface Deps<Method extends keyof Messages> {
  readonly messages: Pick<Messages, Method>;
  readonly clock: Clock;
}

/** With its facts, eventually consistent. */
export const requireTimeline = ({ messages, clock }: Deps<'getTimeline'>, tenant: string, id: string) =>
  requireKept(
    id,
    () => messages.getTimeline(tenant, id),
    ({ message }) => message,
    clock,
  );

/** Its row alone, consistent. */
export const requireMessage = ({ messages, clock }: Deps<'getMessage'>, tenant: string, id: string) =>
  requireKept(
    id,
    () => messages.getMessage(tenant, id, { consistent: true }),
    (message) => message,
    clock,
  );

/** @throws ContractError 404, also for another tenant's message and for a row that has expired and waits to be removed */
async function requireKept<Found>(
  id: string,
  find: () => Promise<Found | undefined>,
  rowOf: (found: Found) => Message,
  clock: Clock,
): Promise<Found> {
  const found = isOwnId(id) ? await find() : undefined;
  if (found === undefined || isExpired(rowOf(found), clock.nowEpochMs())) throw notFound('Email not found');
  return found;
}
