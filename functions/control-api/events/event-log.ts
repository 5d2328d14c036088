import { ContractError, invalidField } from '../../../shared/base/contract/errors.ts';
import { listObject, readPage, withLimit } from '../../../shared/base/contract/page.ts';
import { isOwnId } from '../../../shared/base/contract/uuid.ts';
import {
  type EventFilter,
  isWanted,
  readEventFilter,
} from '../../../shared/event-catalog/contract/event-filter.ts';
import { decodeLogCursor, encodeLogCursor } from '../../../shared/event-log/contract/event-log-cursor.ts';
import { loggedEvent } from '../../../shared/event-log/contract/event-log-object.ts';
import { CursorError, type EventLogReader, type LogCursor } from '../../../shared/event-log/ports.ts';
import { createdAtEpochMsOf } from '../../../shared/messages/message-bucket.ts';
import { type Answer, type ApiRoute, ok } from '../call.ts';
import { scanLog } from './scan-log.ts';

interface EventLogDeps {
  readonly eventLog: Pick<EventLogReader, 'read' | 'seek' | 'end'>;
}

/** What is kept in any case; blocks stay a few days longer. */
const KEPT_DAYS = 30;

/** The clock of the worker that gave an email its id may be ahead of the log's. */
const CLOCKS_DIFFER_MS = 60_000;

export function eventLogRoutes(deps: EventLogDeps): readonly ApiRoute[] {
  return [{ method: 'GET', pattern: '/event-log', handler: listEvents(deps) }];
}

function listEvents({ eventLog }: EventLogDeps): Answer {
  return async ({ claims: { tenant }, query }) => {
    if (query.before !== undefined)
      throw invalidField('The log is read forwards: give `after`, not `before`.');
    const { limit, after } = withLimit(readPage(query, asItIs));
    const filter = readEventFilter(query);

    const found = await answeringCursorErrors(async () => {
      const from = after === undefined ? await startFor(filter, tenant, eventLog) : decodeLogCursor(after);
      return scanLog(eventLog, { tenant, from, limit, isWanted: (event) => isWanted(event, filter) });
    });

    const list = listObject(found.events.map(loggedEvent), found.hasMore);
    return ok({ ...list, next: encodeLogCursor(found.next) });
  };
}

/** Cursors of the log are read apart from pages: what is wrong with them is told in words of their own. */
const asItIs = (text: string): string => text;

/** Nothing is known of an email before it was there; of one that has not our kind of id, nothing at all. */
async function startFor(
  { emailId }: EventFilter,
  tenant: string,
  eventLog: EventLogDeps['eventLog'],
): Promise<LogCursor | undefined> {
  if (emailId === undefined) return undefined;
  if (!isOwnId(emailId)) return eventLog.end(tenant);
  return eventLog.seek(tenant, createdAtEpochMsOf(emailId) - CLOCKS_DIFFER_MS);
}

async function answeringCursorErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CursorError)) throw error;
    throw new ContractError(422, 'invalid_parameter', CURSOR_PROBLEMS[error.kind], { cause: error });
  }
}

const CURSOR_PROBLEMS: Readonly<Record<CursorError['kind'], string>> = {
  unknown: 'The `after` cursor is not one that this log has given.',
  expired: `What follows the \`after\` cursor is not kept any more: events are kept for ${KEPT_DAYS} days. Start without \`after\`.`,
};
