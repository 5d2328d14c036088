import type { Fact } from '../messages/delivery-event.ts';
import type { Message } from '../messages/message.ts';
import type { Suppression } from './suppression.ts';
import type { UnsubscribeClaims } from './unsubscribe-token.ts';

/** The entry for the list of the stream. The same link again is the same cause, and changes nothing. */
export function unsubscriptionOf(
  { address, messageId }: UnsubscribeClaims,
  { suppressionId, createdAt }: Pick<Suppression, 'suppressionId' | 'createdAt'>,
): Suppression {
  const reason = 'Unsubscribed with the link of a mail';
  return { suppressionId, address, origin: 'unsubscribe', sourceMessageId: messageId, createdAt, reason };
}

/**
 * Fact for a message and recipient, one for all attempts: the link does not say which of them it came with.
 */
export function unsubscribedFact(
  { messageId, sesMessageId = '' }: Pick<Message, 'messageId' | 'sesMessageId'>,
  recipient: string,
  occurredAt: string,
): Fact {
  return { messageId, kind: 'unsubscribed', recipient, occurredAt, attempt: 1, sesMessageId };
}
