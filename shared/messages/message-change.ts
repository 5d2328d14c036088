import type { Fact } from './delivery-event.ts';
import type { Message } from './message.ts';

/** A write to the messages table that subscribers are told of. */
export type MessageChange =
  | { readonly kind: 'message'; readonly before: Message | undefined; readonly after: Message }
  | { readonly kind: 'fact'; readonly tenant: string; readonly fact: Fact }
  | { readonly kind: 'batch-committed'; readonly tenant: string; readonly messageIds: readonly string[] };

/** A message that something has to be said about, without its row at hand. */
export interface MessageReference {
  readonly tenant: string;
  readonly messageId: string;
}

/** The messages whose rows are needed to tell a change: facts and batches name them and no more. */
export function messagesNeededBy(change: MessageChange): readonly MessageReference[] {
  switch (change.kind) {
    case 'message':
      return [];
    case 'fact':
      return [{ tenant: change.tenant, messageId: change.fact.messageId }];
    case 'batch-committed':
      return change.messageIds.map((messageId) => ({ tenant: change.tenant, messageId }));
  }
}

/** A recipient who was not mailed, because a list has the address. */
export interface DroppedRecipient {
  readonly tenant: string;
  readonly stream: string;
  readonly address: string;
}

/** Recipients that a row says were dropped. */
export function droppedRecipientsOf(change: MessageChange): readonly DroppedRecipient[] {
  if (change.kind !== 'message') return [];
  const { tenant, stream, suppressedRecipients = [] } = change.after;
  return suppressedRecipients.map((address) => ({ tenant, stream, address }));
}
