/**
 * Ways in which published events go wrong. EventBridge calls SES's delivery "best effort": each of these
 * happens.
 */
interface DisturbancePolicy {
  /** Probability that a copy never arrives. */
  readonly lose?: number;
  /** Probability that a second copy is published. */
  readonly repeat?: number;
  /** Longest random time that each copy waits, by the local clock; different waits change the order. */
  readonly delayUpToMs?: number;
}

/** Answers with the delay in milliseconds of each copy to publish: none, one or two. */
export type Disturbance = () => readonly number[];

export const undisturbed: Disturbance = () => [0];

/** A policy rolled with `random`, which gives numbers in [0, 1). */
export function createDisturbance(policy: DisturbancePolicy, random: () => number): Disturbance {
  const { lose = 0, repeat = 0, delayUpToMs = 0 } = policy;
  return () => {
    const copies = random() < repeat ? 2 : 1;
    return Array.from({ length: copies })
      .filter(() => random() >= lose)
      .map(() => Math.floor(random() * delayUpToMs));
  };
}
