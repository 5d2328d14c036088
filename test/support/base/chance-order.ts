import { setImmediate as othersRan } from 'node:timers/promises';

export interface ChanceOrder {
  /** Resolves when chance has it so. */
  turn(): Promise<void>;
  /** Runs everybody to the end, one turn after the other; throws the first thing that was thrown. */
  run(actors: readonly Promise<unknown>[]): Promise<void>;
}

/** Actors side by side, in an order that is the same for the same chance. `onTurn` is called ahead of each turn. */
export function createChanceOrder(chance: () => number, onTurn: () => void): ChanceOrder {
  const waiting: (() => void)[] = [];

  return {
    turn: () => new Promise((resolve) => void waiting.push(resolve)),

    async run(actors) {
      let isDone = false;
      const all = Promise.all(actors).finally(() => {
        isDone = true;
      });
      all.catch(() => {});
      while (!isDone) {
        await othersRan();
        const [next] = waiting.splice(Math.floor(chance() * waiting.length), 1);
        onTurn();
        next?.();
      }
      await all;
    },
  };
}
