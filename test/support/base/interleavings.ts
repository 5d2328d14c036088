/** Does a piece of work when it is its actor's turn. */
export type Turn = <T>(work: () => Promise<T>) => Promise<T>;

interface Race {
  readonly actors: Readonly<Record<string, (turn: Turn) => Promise<unknown>>>;
  /** Called when all actors are done, with the order that led there, for messages. */
  check(order: string): Promise<void>;
}

/**
 * Runs actors side by side once for every order in which their turns can follow each other, each time in a world of its
 * own. @returns how many orders there were
 */
export async function inEveryOrder(start: () => Promise<Race>): Promise<number> {
  const open: (readonly string[])[] = [[]];
  let orders = 0;
  for (let prefix = open.pop(); prefix !== undefined; prefix = open.pop()) {
    const race = await start();
    const { order, alternatives } = await run(race, prefix);
    open.push(...alternatives);
    await race.check(order.join(' '));
    orders += 1;
  }
  return orders;
}

async function run({ actors }: Race, prefix: readonly string[]) {
  const waiting = new Map<string, () => void>();
  const settled = new Map(Object.keys(actors).map((name) => [name, Promise.withResolvers<void>()]));
  const arrive = (name: string) => settled.get(name)?.resolve();

  for (const [name, act] of Object.entries(actors)) {
    const turn: Turn = async (work) => {
      await new Promise<void>((resolve) => {
        waiting.set(name, resolve);
        arrive(name);
      });
      return work();
    };
    void act(turn).then(
      () => arrive(name),
      () => arrive(name),
    );
  }

  const order: string[] = [];
  const alternatives: string[][] = [];
  await Promise.all([...settled.values()].map(({ promise }) => promise));
  while (waiting.size > 0) {
    const names = [...waiting.keys()].sort();
    const next = prefix[order.length] ?? names[0] ?? '';
    if (order.length >= prefix.length) {
      alternatives.push(...names.filter((name) => name !== next).map((name) => [...order, name]));
    }
    order.push(next);
    await takeTurn(next);
  }
  return { order, alternatives };

  async function takeTurn(name: string): Promise<void> {
    const go = waiting.get(name);
    waiting.delete(name);
    const arrival = Promise.withResolvers<void>();
    settled.set(name, arrival);
    go?.();
    await arrival.promise;
  }
}
