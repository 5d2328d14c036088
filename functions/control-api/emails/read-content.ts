import type { Clock } from '../../../shared/base/ports.ts';
import type { MessageContent } from '../../../shared/mail/mail-content.ts';
import { bodyKeyOf } from '../../../shared/messages/contract/content-keys.ts';
import { decodeContent } from '../../../shared/messages/contract/message-content.ts';
import type { Message } from '../../../shared/messages/message.ts';
import type { EmailDeps } from './email-deps.ts';

/** Whether the content is ours to show: expired content is gone, removed yet or not. */
export function isContentKept(message: Pick<Message, 'contentKeptUntilEpochSeconds'>, clock: Clock): boolean {
  return (message.contentKeptUntilEpochSeconds ?? 0) * 1000 > clock.nowEpochMs();
}

/** Content stands in the table where it is small, else in the bucket; undefined where it is not kept. */
export async function readContent(
  message: Pick<Message, 'messageId' | 'scheduledAtEpochMs' | 'contentKeptUntilEpochSeconds'>,
  { messages, objects, clock }: Pick<EmailDeps, 'messages' | 'objects' | 'clock'>,
): Promise<MessageContent | undefined> {
  if (!isContentKept(message, clock)) return undefined;
  const content = await messages.getContent(message.messageId);
  if (content !== undefined) return content;
  const bytes = await objects.get(bodyKeyOf(message));
  return bytes && decodeContent(bytes);
}
