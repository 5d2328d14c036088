import type { RowImages } from '../../events/stored-change.ts';
import type { SuppressionChange } from '../suppression-change.ts';
import { scopeOfEntry, toSuppression } from './suppressions-table-codec.ts';

/**
 * An item of the suppressions table in our words. The entry by address is the truth; the listing item only follows it.
 * @throws for an item that is not what this version writes
 */
export function readSuppressionChange({ before, after }: RowImages): SuppressionChange | undefined {
  const { subject, item } = (after ?? before ?? {}) as { subject?: string; item?: string };
  if (item !== 'entry' || subject === undefined) return undefined;
  return {
    scope: scopeOfEntry(subject),
    before: before && toSuppression(before),
    after: after && toSuppression(after),
  };
}
