export interface SlidingWindow {
  /** Sum of what was added within the window that ends now. */
  sum(now: number): number;
  add(now: number, amount: number): void;
}

/** Sums of the last `lengthMs`; entries closer than `grainMs` are merged, so that a long window stays small. */
export function createWindow(lengthMs: number, grainMs: number): SlidingWindow {
  let entries: { at: number; amount: number }[] = [];
  let total = 0;

  const expire = (now: number) => {
    const firstAlive = entries.findIndex(({ at }) => at > now - lengthMs);
    const expired = firstAlive < 0 ? entries.length : firstAlive;
    if (expired === 0) return;
    for (const entry of entries.slice(0, expired)) total -= entry.amount;
    entries = entries.slice(expired);
    if (entries.length === 0) total = 0;
  };

  return {
    sum: (now) => {
      expire(now);
      return total;
    },
    add: (now, amount) => {
      total += amount;
      const last = entries.at(-1);
      if (last && now - last.at < grainMs) last.amount += amount;
      else entries.push({ at: now, amount });
    },
  };
}
