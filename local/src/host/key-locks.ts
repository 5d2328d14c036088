/** Runs work on the same keys one after the other, in the order of the calls, and on different keys side by side. */
export type WithKeys = <T>(keys: readonly string[], work: () => Promise<T>) => Promise<T>;

export function createKeyLocks(): WithKeys {
  const tails = new Map<string, Promise<void>>();

  return async (keys, work) => {
    const earlier = keys.map((key) => tails.get(key));
    const { promise, resolve } = Promise.withResolvers<void>();
    for (const key of keys) tails.set(key, promise);
    try {
      await Promise.all(earlier);
      return await work();
    } finally {
      resolve();
      for (const key of keys) if (tails.get(key) === promise) tails.delete(key);
    }
  };
}
