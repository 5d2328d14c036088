import type { LogEntry } from '../../event-log/ports.ts';
import type { PublishedEvent } from '../../events/published-event.ts';
import type { AnyEventSource, SourcedChange } from '../event-source.ts';

/** The events of changes of any subjects, in the order of the changes. */
export async function eventsOfChanges(changes: readonly SourcedChange[]): Promise<readonly LogEntry[]> {
  const events = new Map<SourcedChange, readonly PublishedEvent[]>();
  for (const [source, own] of Map.groupBy(changes, ({ source }) => source)) {
    const perChange = await eventsOfSource(source, own);
    for (const [index, change] of own.entries()) events.set(change, perChange[index] ?? []);
  }
  return changes.flatMap((change) =>
    (events.get(change) ?? []).map((event) => ({ event, recordedAtEpochMs: change.recordedAtEpochMs })),
  );
}

/** A source that answers for fewer changes than it was asked for has lost some. */
async function eventsOfSource(source: AnyEventSource, changes: readonly SourcedChange[]) {
  const perChange = await source.eventsOf(changes);
  if (perChange.length === changes.length) return perChange;
  throw new RangeError(`${perChange.length} answers for ${changes.length} changes of ${source.tableName}.`);
}
