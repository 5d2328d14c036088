import { inParallel } from '../../shared/base/services/in-parallel.ts';
import type { LogEntry } from '../../shared/event-log/ports.ts';
import type { FirstVisits } from '../../shared/messages/ports.ts';

export interface MarkFirstsDeps {
  readonly firstVisits: FirstVisits;
}

const WRITES_AT_ONCE = 10;

/**
 * Says of opens and clicks whether they are the first of their mail, so that people can be counted and not only visits.
 * Whoever asks again for the same event gets the same answer.
 */
export function createMarkFirsts({ firstVisits }: MarkFirstsDeps) {
  return async (entries: readonly LogEntry[]): Promise<readonly LogEntry[]> => {
    const firsts = new Set<string>();
    const visits = entries.filter(isVisit);
    await inParallel(visits, WRITES_AT_ONCE, async ({ event }) => {
      const { tenant, type, id } = event;
      const isFirst = await firstVisits.claim(tenant, String(event.data.email_id), type, id);
      if (isFirst) firsts.add(id);
    });
    return entries.map((entry) =>
      firsts.has(entry.event.id) ? { ...entry, event: { ...entry.event, isFirst: true } } : entry,
    );
  };
}

const isVisit = ({ event: { type, isMachine } }: LogEntry): boolean =>
  (type === 'email.opened' || type === 'email.clicked') && isMachine !== true;
