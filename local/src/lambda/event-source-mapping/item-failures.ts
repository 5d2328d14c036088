import { asRecord } from '../../host/json.ts';
/**
 * The identifiers of a reply's `batchItemFailures`: none for an absent or empty list; `undefined` for a list that
 * Lambda cannot read.
 */
export function readItemFailures(payload: unknown): readonly string[] | undefined {
  const list = asRecord(payload).batchItemFailures ?? [];
  if (!Array.isArray(list)) return undefined;
  const ids = list.map((item: unknown) => asRecord(item).itemIdentifier);
  return ids.every((id) => typeof id === 'string') ? ids : undefined;
}
