import type { Suppression } from '../suppression.ts';

/** An entry of `GET /suppressions`; `reason` is ours. */
export function suppressionItem(suppression: Suppression) {
  const { suppressionId, address, origin, sourceMessageId, createdAt, reason } = suppression;
  return {
    id: suppressionId,
    email: address,
    origin,
    source_id: sourceMessageId ?? null,
    created_at: createdAt,
    reason: reason ?? null,
  };
}

/** Reference to an entry once it was added, and before it is gone. */
export const suppressionReference = ({ suppressionId }: Suppression) => ({
  object: 'suppression',
  id: suppressionId,
});
