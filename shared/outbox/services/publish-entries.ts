import type { EventLog, LogEntry, LoggedEvent } from '../../event-log/ports.ts';
import { createFanOut, type FanOutDeps } from './fan-out.ts';

export interface PublishEntriesDeps extends FanOutDeps {
  readonly eventLog: EventLog;
}

/**
 * Publishes entries into the log, then to subscribers. What fails is to be tried again as a whole: the log
 * finds what it has.
 * @param passOn `new`: only what the log did not have is handed on
 */
export function createPublishEntries(deps: PublishEntriesDeps) {
  const fanOut = createFanOut(deps);

  return async (
    entries: readonly LogEntry[],
    options: { readonly passOn: 'all' | 'new' },
  ): Promise<readonly LoggedEvent[]> => {
    const logged = await appendAll(entries, deps.eventLog);
    const passed = options.passOn === 'all' ? logged : logged.filter(({ isNew }) => isNew);
    await fanOut(passed);
    return logged;
  };
}

/** A tenant's log is its own. */
async function appendAll(entries: readonly LogEntry[], log: EventLog): Promise<readonly LoggedEvent[]> {
  const byTenant = Map.groupBy(entries, ({ event }) => event.tenant);
  const logged = await Promise.all([...byTenant].map(([tenant, own]) => log.append(tenant, own)));
  return logged.flat();
}
