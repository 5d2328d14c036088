import { inParallel } from '../../base/services/in-parallel.ts';
import type { PublishedEvent } from '../../events/published-event.ts';
import type { EventsPerChange } from '../../events/stored-change.ts';
import type { FirstVisits } from '../ports.ts';

export interface FirstVisitsDeps {
  readonly firstVisits: FirstVisits;
}

const WRITES_AT_ONCE = 10;

/**
 * Says of opens and clicks whether they are the first of their mail, so that people can be counted and not only visits.
 * The same event gets the same answer however often it is asked for.
 */
export function createFirstVisitMarks({ firstVisits }: FirstVisitsDeps) {
  return async (events: EventsPerChange): Promise<EventsPerChange> => {
    const firsts = new Set<string>();
    await inParallel(events.flat().filter(isVisit), WRITES_AT_ONCE, async ({ tenant, type, id, data }) => {
      if (await firstVisits.claim(tenant, String(data.email_id), type, id)) firsts.add(id);
    });
    const marked = (event: PublishedEvent): PublishedEvent =>
      firsts.has(event.id) ? { ...event, isFirst: true } : event;
    return events.map((ofOne) => ofOne.map(marked));
  };
}

const isVisit = ({ type, isMachine }: PublishedEvent): boolean =>
  (type === 'email.opened' || type === 'email.clicked') && isMachine !== true;
