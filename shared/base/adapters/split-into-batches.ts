interface BatchLimits {
  readonly entries: number;
  readonly bytes: number;
}

/**
 * Splits items in order into batches, each as full as the limits of one request allow. An item above them
 * stands alone, to be refused.
 */
export function splitIntoBatches<T>(
  items: readonly T[],
  sizeOf: (item: T) => number,
  limits: BatchLimits,
): readonly (readonly T[])[] {
  const batches: T[][] = [];
  let room = 0;
  for (const item of items) {
    const size = sizeOf(item);
    const last = batches.at(-1);
    if (last !== undefined && last.length < limits.entries && size <= room) last.push(item);
    else {
      batches.push([item]);
      room = limits.bytes;
    }
    room -= size;
  }
  return batches;
}
