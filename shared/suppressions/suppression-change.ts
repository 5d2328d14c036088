import type { Suppression } from './suppression.ts';
import type { SuppressionScope } from './suppression-scope.ts';

/** Events of an entry that was put in, taken out, or replaced by another of the same address. */
export interface SuppressionChange {
  readonly scope: SuppressionScope;
  readonly before: Suppression | undefined;
  readonly after: Suppression | undefined;
}
