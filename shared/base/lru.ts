/** Memory of a few thousand messages, of which the one that was longest not asked for goes first. */
interface Lru<Value> {
  note(key: string, value: Value): void;
  get(key: string): Value | undefined;
}

export function createLru<Value>(capacity: number): Lru<Value> {
  const values = new Map<string, Value>();

  const note = (key: string, value: Value): void => {
    values.delete(key);
    values.set(key, value);
    const oldest = values.size > capacity ? values.keys().next().value : undefined;
    if (oldest !== undefined) values.delete(oldest);
  };

  return {
    note,
    get(key) {
      const value = values.get(key);
      if (value !== undefined) note(key, value);
      return value;
    },
  };
}
