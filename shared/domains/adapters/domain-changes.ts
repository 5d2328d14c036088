import type { RowImages } from '../../events/stored-change.ts';
import { CATALOG_COLLECTIONS } from '../../resources.ts';
import type { DomainChange } from '../domain-change.ts';
import { toDomain } from './domains-table-codec.ts';

/**
 * An item of the catalog in our words; undefined where it is no domain.
 * @throws for a domain that is not what this version writes
 */
export function readDomainChange({ before, after }: RowImages): DomainChange | undefined {
  if ((after ?? before)?.collection !== CATALOG_COLLECTIONS.domains) return undefined;
  return { before: before && toDomain(before), after: after && toDomain(after) };
}
