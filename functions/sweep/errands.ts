/** One after the other while there is time; who is left out is first in the next run. */
export function createErrands(errands: readonly (() => Promise<void>)[]) {
  let next = 0;
  return async (hasTime: () => boolean): Promise<void> => {
    for (let done = 0; done < errands.length && hasTime(); done += 1) {
      await errands[next % errands.length]?.();
      next += 1;
    }
  };
}
