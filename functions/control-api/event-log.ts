import { invalidField } from '../../shared/contract/errors.ts';
import { type EventFilter, isWanted, readEventFilter } from '../../shared/contract/event-filter.ts';
import { readCursor, writeCursor } from '../../shared/contract/event-log-cursor.ts';
import { eventObject } from '../../shared/contract/event-object.ts';
import { listObject, readPage, withLimit } from '../../shared/contract/page.ts';
import { LOG_KEEP_DAYS } from '../../shared/domain/event-lanes.ts';
import {
  CursorError,
  type EventLogReader,
  type LogCursor,
  type LogPage,
} from '../../shared/domain/event-ports.ts';
import { createdAtEpochMsOf } from '../../shared/domain/message-bucket.ts';
import type { Answer, ApiRoute, Call } from './call.ts';
import { ok } from './call.ts';

export interface EventLogDeps {
  readonly eventLog: Pick<EventLogReader, 'read' | 'seek'>;
}

/** As many are looked through for one answer, whatever the filter leaves out: some 5,000 events. */
const MAX_SEGMENTS = 50;
/** Without a filter a page is full long before that. */
const SEGMENTS_AT_ONCE = 5;
/** Nothing is said of a mail before it was accepted; clocks of functions differ by less. */
const BEFORE_EMAIL_MS = 60_000;

export function eventLogRoutes(deps: EventLogDeps): readonly ApiRoute[] {
  return [{ method: 'GET', pattern: '/event-log', handler: listEvents(deps) }];
}

/** Oldest first, from a cursor on; `next` goes on from there, also where there is nothing yet. */
function listEvents(deps: EventLogDeps): Answer {
  return async ({ claims, query }) => {
    const { limit, cursor } = readQuery(query);
    const filter = readEventFilter(query);
    const from = cursor ?? (await startOf(claims.tenant, filter, deps));

    const page = await orCursorRefused(() => collect({ tenant: claims.tenant, from, filter, limit }, deps));

    return ok({
      ...listObject(
        page.events.map(({ event }) => eventObject(event)),
        page.hasMore,
      ),
      next: writeCursor(page.next),
    });
  };
}

function readQuery(query: Call['query']) {
  if (query.before !== undefined)
    throw invalidField('`before` is not known here: the log is read forwards, by `after`.');
  const { limit } = withLimit(readPage(query.limit === undefined ? {} : { limit: query.limit }));
  return {
    limit,
    cursor: query.after === undefined ? undefined : refusedAs(() => readCursor(query.after ?? '')),
  };
}

/** With an email at hand there is no need to begin weeks before it. */
async function startOf(
  tenant: string,
  { emailId }: EventFilter,
  { eventLog }: EventLogDeps,
): Promise<LogCursor | undefined> {
  if (emailId === undefined) return undefined;
  return eventLog.seek(tenant, createdAtEpochMsOf(emailId) - BEFORE_EMAIL_MS);
}

interface Wanted {
  readonly tenant: string;
  readonly from: LogCursor | undefined;
  readonly filter: EventFilter;
  readonly limit: number;
}

async function collect(
  { tenant, from, filter, limit }: Wanted,
  { eventLog }: EventLogDeps,
): Promise<LogPage> {
  const found: LogPage['events'][number][] = [];
  let cursor = from;
  for (let looked = 0; ; looked += SEGMENTS_AT_ONCE) {
    const page = await eventLog.read(tenant, cursor, { maxSegments: SEGMENTS_AT_ONCE });
    for (const [index, each] of page.events.entries()) {
      if (!isWanted(each.event, filter)) continue;
      found.push(each);
      const isLast = index === page.events.length - 1;
      if (found.length === limit) {
        return { events: found, next: each.after, hasMore: page.hasMore || !isLast };
      }
    }
    cursor = page.next;
    const isEnough = !page.hasMore || looked + SEGMENTS_AT_ONCE >= MAX_SEGMENTS;
    if (isEnough) return { events: found, next: page.next, hasMore: page.hasMore };
  }
}

async function orCursorRefused<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw refusal(error);
  }
}

function refusedAs<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw refusal(error);
  }
}

function refusal(error: unknown): unknown {
  if (!(error instanceof CursorError)) return error;
  return invalidField(
    error.kind === 'unknown'
      ? '`after` is not a cursor of this log: it takes the `next` of an earlier answer.'
      : `\`after\` is from before what the log keeps (${LOG_KEEP_DAYS} days); start without it.`,
  );
}
