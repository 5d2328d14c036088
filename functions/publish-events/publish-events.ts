import type { DomainPlace } from '../../shared/contract/domain-object.ts';
import type { EventLog, LogEntry, LoggedEvent } from '../../shared/domain/event-ports.ts';
import type { StoredChange } from '../../shared/domain/stored-change.ts';
import { createKnowMessages, type KnowMessagesDeps } from './know-messages.ts';
import { createMarkFirsts } from './mark-firsts.ts';
import { createPassOn, type PassOnDeps } from './pass-on.ts';
import { eventsOf } from './tell-changes.ts';
import { createWhySuppressed, type WhySuppressedDeps } from './why-suppressed.ts';

export interface PublishEventsDeps extends KnowMessagesDeps, WhySuppressedDeps, PassOnDeps {
  readonly eventLog: EventLog;
  readonly firstVisits: Parameters<typeof createMarkFirsts>[0]['firstVisits'];
  readonly place: DomainPlace;
}

/**
 * Turns what was stored into events: into the log first, then to whoever subscribes. Whatever fails, fails the whole
 * batch, which comes again: the log finds what it has, and subscribers may get it twice.
 */
export function createPublishEvents(deps: PublishEventsDeps) {
  const knowMessages = createKnowMessages(deps);
  const whySuppressed = createWhySuppressed(deps);
  const markFirsts = createMarkFirsts(deps);
  const passOn = createPassOn(deps);

  return async (changes: readonly StoredChange[]): Promise<void> => {
    const findMessage = await knowMessages(changes);
    const reasonsOf = await whySuppressed(changes);

    const told = changes.flatMap((change) =>
      entriesOf(change, { findMessage, reasonsOf, place: deps.place }),
    );
    const entries = await markFirsts(told);

    const logged = await appendAll(entries, deps.eventLog);
    await passOn(logged);
  };
}

const entriesOf = (change: StoredChange, context: Parameters<typeof eventsOf>[1]): readonly LogEntry[] =>
  eventsOf(change, context).map((event) => ({ event, recordedAtEpochMs: change.recordedAtEpochMs }));

/** A tenant's log is its own. */
async function appendAll(entries: readonly LogEntry[], log: EventLog): Promise<readonly LoggedEvent[]> {
  const byTenant = Map.groupBy(entries, ({ event }) => event.tenant);
  const logged = await Promise.all([...byTenant].map(([tenant, own]) => log.append(tenant, own)));
  return logged.flat();
}
