import type { SourcedChange } from '../../shared/outbox/event-source.ts';
import { eventsOfChanges } from '../../shared/outbox/services/events-of-changes.ts';
import {
  createPublishEntries,
  type PublishEntriesDeps,
} from '../../shared/outbox/services/publish-entries.ts';

/**
 * Turns what was stored into events: into the log first, then to subscribers. A failure fails the whole batch, which comes
 * again: the log finds what it has, and subscribers may get it twice.
 */
export function createPublishEvents(deps: PublishEntriesDeps) {
  const publishEntries = createPublishEntries(deps);

  /** Undefined: a write that there is nothing to tell of. */
  return async (changes: readonly (SourcedChange | undefined)[]): Promise<void> => {
    const found = changes.filter((change) => change !== undefined);
    await publishEntries(await eventsOfChanges(found), { passOn: 'all' });
  };
}
