import type { Message } from '../message.ts';
import type { Messages } from '../ports.ts';

/** Reads at half the price first; that there is no such message is believed of a consistent read alone. */
export async function findMessage(
  messages: Pick<Messages, 'getMessage'>,
  { tenant, messageId }: Pick<Message, 'tenant' | 'messageId'>,
): Promise<Message | undefined> {
  return (
    (await messages.getMessage(tenant, messageId)) ??
    (await messages.getMessage(tenant, messageId, { consistent: true }))
  );
}
