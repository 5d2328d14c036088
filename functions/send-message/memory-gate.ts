export interface MemoryGate {
  /** Runs `work` once there is room for `bytes` beside what is running; in the order of asking. */
  run<T>(bytes: number, work: () => Promise<T>): Promise<T>;
}

/** A mail above this share of the budget is large: a few such would fill the memory before a collector minds. */
const LARGE_SHARE = 0.1;

/**
 * Lets mails of a batch into memory up to a budget: small ones side by side, one as large as the budget alone. What is
 * larger counts as the whole budget, so that it waits for an empty room and not for ever. What left room that is worth
 * it is reclaimed before the next one enters.
 */
export function createMemoryGate(budget: number, reclaim: () => void): MemoryGate {
  const waiting: { readonly bytes: number; readonly enter: () => void }[] = [];
  let free = budget;

  const admit = () => {
    for (let next = waiting[0]; next !== undefined && next.bytes <= free; next = waiting[0]) {
      waiting.shift();
      free -= next.bytes;
      next.enter();
    }
  };

  return {
    async run(bytes, work) {
      const weight = Math.min(bytes, budget);
      await new Promise<void>((enter) => {
        waiting.push({ bytes: weight, enter });
        admit();
      });
      try {
        return await work();
      } finally {
        if (weight >= budget * LARGE_SHARE) reclaim();
        free += weight;
        admit();
      }
    },
  };
}
