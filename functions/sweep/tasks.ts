/** One after the other while there is time; a task that is left out is first in the next run. */
export function createTaskRunner(tasks: readonly (() => Promise<void>)[]) {
  let next = 0;
  return async (hasTime: () => boolean): Promise<void> => {
    for (let done = 0; done < tasks.length && hasTime(); done += 1) {
      await tasks[next % tasks.length]?.();
      next += 1;
    }
  };
}
