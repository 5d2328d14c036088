import type { EventLog, LogEntry, LoggedEvent } from '../../shared/event-log/ports.ts';
import { createMarkFirsts, type MarkFirstsDeps } from './mark-firsts.ts';
import { createPassOn, type PassOnDeps } from './pass-on.ts';

export interface PublishEntriesDeps extends MarkFirstsDeps, PassOnDeps {
  readonly eventLog: EventLog;
}

/**
 * Into the log, then to whoever subscribes. What fails is to be tried again as a whole: the log finds what it has.
 * @param passOn `new`: only what the log did not have is handed on
 */
export function createPublishEntries(deps: PublishEntriesDeps) {
  const markFirsts = createMarkFirsts(deps);
  const passOn = createPassOn(deps);

  return async (
    told: readonly LogEntry[],
    options: { readonly passOn: 'all' | 'new' },
  ): Promise<readonly LoggedEvent[]> => {
    const entries = await markFirsts(told);
    const logged = await appendAll(entries, deps.eventLog);
    const passed = options.passOn === 'all' ? logged : logged.filter(({ isNew }) => isNew);
    await passOn(passed);
    return logged;
  };
}

/** A tenant's log is its own. */
async function appendAll(entries: readonly LogEntry[], log: EventLog): Promise<readonly LoggedEvent[]> {
  const byTenant = Map.groupBy(entries, ({ event }) => event.tenant);
  const logged = await Promise.all([...byTenant].map(([tenant, own]) => log.append(tenant, own)));
  return logged.flat();
}
