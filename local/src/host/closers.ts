export interface Closers {
  /** Takes what must be closed before everything that was opened earlier. */
  add(close: () => Promise<void> | void): void;
  /** Closes in reverse order; a failure does not keep the others open. */
  closeAll(): Promise<void>;
}

export function createClosers(): Closers {
  const closers: (() => Promise<void> | void)[] = [];
  return {
    add: (close) => void closers.push(close),
    closeAll: async () => {
      for (let close = closers.pop(); close; close = closers.pop()) {
        try {
          await close();
        } catch (error) {
          console.error(`While closing: ${String(error)}`);
        }
      }
    },
  };
}
