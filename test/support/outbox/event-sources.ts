import type { PublishedEvent } from '../../../shared/events/published-event.ts';
import type { EventSource } from '../../../shared/outbox/event-source.ts';
import { anEvent } from '../event-log/log-builders.ts';

/** A change of a subject that only tests know: what an item has under `name`, and how many events it makes. */
interface NamedChange {
  readonly name: string;
  readonly count: number;
}

/** A source of a table that reads items with its own attribute, and answers a moment later. `asked` is each of its batches. */
export function aSource(tableName: string, attribute: string) {
  const asked: (readonly string[])[] = [];
  const source: EventSource<NamedChange> = {
    tableName,
    read({ before, after }) {
      const name = (after ?? before)?.[attribute];
      return name === undefined ? undefined : { name: String(name), count: Number(after?.count ?? 1) };
    },
    async eventsOf(changes) {
      asked.push(changes.map(({ change }) => change.name));
      await Promise.resolve();
      return changes.map(({ change: { name, count } }) =>
        Array.from(
          { length: count },
          (_, index): PublishedEvent => anEvent(`${name} ${index}`, { data: { name } }),
        ),
      );
    },
  };
  return { source, asked };
}
