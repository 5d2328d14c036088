import type { SendingDomain } from '../domains/sending-domain.ts';
import type { Fact } from '../messages/delivery-event.ts';
import type { Message } from '../messages/message.ts';
import type { Suppression } from '../suppressions/suppression.ts';
import type { SuppressionScope } from '../suppressions/suppression-scope.ts';

/** One write to a table, as its stream tells it, in our words. */
export type StoredChange = { readonly recordedAtEpochMs: number } & (
  | { readonly kind: 'message'; readonly before: Message | undefined; readonly after: Message }
  | { readonly kind: 'fact'; readonly tenant: string; readonly fact: Fact }
  | { readonly kind: 'batch-committed'; readonly tenant: string; readonly messageIds: readonly string[] }
  | {
      readonly kind: 'suppression';
      readonly scope: SuppressionScope;
      readonly before: Suppression | undefined;
      readonly after: Suppression | undefined;
    }
  | {
      readonly kind: 'domain';
      readonly before: SendingDomain | undefined;
      readonly after: SendingDomain | undefined;
    }
  /** Nothing that anybody is told of. */
  | { readonly kind: 'other' }
);

/** A message that something has to be said about, without its row at hand. */
export interface MessageReference {
  readonly tenant: string;
  readonly messageId: string;
}

/** The messages whose rows are needed to tell a change: facts and batches name them and no more. */
export function messagesNeededBy(change: StoredChange): readonly MessageReference[] {
  if (change.kind === 'fact') return [{ tenant: change.tenant, messageId: change.fact.messageId }];
  if (change.kind !== 'batch-committed') return [];
  return change.messageIds.map((messageId) => ({ tenant: change.tenant, messageId }));
}
