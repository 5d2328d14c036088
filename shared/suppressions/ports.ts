import type { Suppression } from './suppression.ts';
import type { SuppressionScope } from './suppression-scope.ts';

export interface SuppressionLists {
  /** Reads, strongly consistent; answers those of `addresses` (normalised) that one of the lists has. */
  findSuppressed(
    scopes: readonly SuppressionScope[],
    addresses: readonly string[],
  ): Promise<ReadonlySet<string>>;
  forScope(scope: SuppressionScope): Suppressions;
}

/** One list. */
export interface Suppressions {
  get(idOrAddress: string): Promise<Suppression | undefined>;
  list(page: {
    limit: number;
    after?: string;
    before?: string;
    origin?: Suppression['origin'];
  }): Promise<{ suppressions: readonly Suppression[]; hasMore: boolean }>;
  /** Keeps the entry that is there and adds the cause to it; a complaint stands before a bounce or a manual origin. */
  add(suppression: Suppression): Promise<Suppression>;
  remove(idOrAddress: string): Promise<Suppression | undefined>;
  /** Takes out the complaint that a message caused, and the entry with it where nothing else speaks against the address. */
  withdrawComplaint(address: string, sourceMessageId: string): Promise<void>;
}
