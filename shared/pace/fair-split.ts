/** Claim to a part of something scarce. */
export interface Claim {
  readonly wanted: number;
  /** Weight above 0; what no claim needs is shared in this proportion. */
  readonly weight: number;
}

/**
 * Max-min fair split: every claim gets what it wants, up to the level at which the capacity is used up; what
 * one claim leaves goes to the others by weight.
 * @returns a part for each claim, in order; together at most the capacity
 */
export function fairSplit(capacity: number, claims: readonly Claim[]): readonly number[] {
  const parts = claims.map(() => 0);
  const byLevel = claims
    .map((claim, index) => ({ ...claim, index }))
    .toSorted((one, other) => one.wanted / one.weight - other.wanted / other.weight);
  let left = Math.max(0, capacity);
  let weightLeft = claims.reduce((sum, { weight }) => sum + weight, 0);
  for (const { wanted, weight, index } of byLevel) {
    const part = Math.min(wanted, (left * weight) / weightLeft);
    parts[index] = part;
    left -= part;
    weightLeft -= weight;
  }
  return parts;
}
