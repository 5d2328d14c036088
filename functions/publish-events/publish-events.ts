import type { StoredChange } from '../../shared/outbox/stored-change.ts';
import { createPublishEntries, type PublishEntriesDeps } from './publish-entries.ts';
import { createTellChanges, type TellChangesDeps } from './tell-changes.ts';

export interface PublishEventsDeps extends TellChangesDeps, PublishEntriesDeps {}

/**
 * Turns what was stored into events: into the log first, then to whoever subscribes. Whatever fails, fails the whole
 * batch, which comes again: the log finds what it has, and subscribers may get it twice.
 */
export function createPublishEvents(deps: PublishEventsDeps) {
  const tellChanges = createTellChanges(deps);
  const publishEntries = createPublishEntries(deps);

  return async (changes: readonly StoredChange[]): Promise<void> => {
    await publishEntries(await tellChanges(changes), { passOn: 'all' });
  };
}
