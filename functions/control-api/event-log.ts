import { ContractError, invalidField } from '../../shared/contract/errors.ts';
import { decodeLogCursor, encodeLogCursor } from '../../shared/contract/event-log-cursor.ts';
import { loggedEvent } from '../../shared/contract/event-log-object.ts';
import { listObject, readPage, withLimit } from '../../shared/contract/page.ts';
import { isOwnId, readUuid } from '../../shared/contract/uuid.ts';
import { CursorError, type EventLogReader, type LogCursor } from '../../shared/domain/event-ports.ts';
import { createdAtEpochMsOf } from '../../shared/domain/message-bucket.ts';
import { PUBLISHED_EVENT_TYPES, type PublishedEvent } from '../../shared/domain/published-event.ts';
import { type Answer, type ApiRoute, type Call, ok } from './call.ts';
import { scanLog } from './scan-log.ts';

export interface EventLogDeps {
  readonly eventLog: Pick<EventLogReader, 'read' | 'seek' | 'end'>;
}

/** What is kept in any case; segments stay a few days longer. */
const KEPT_DAYS = 30;

/** The clock of whoever gave an email its id may be ahead of the log's. */
const CLOCKS_DIFFER_MS = 60_000;

export function eventLogRoutes(deps: EventLogDeps): readonly ApiRoute[] {
  return [{ method: 'GET', pattern: '/event-log', handler: listEvents(deps) }];
}

function listEvents({ eventLog }: EventLogDeps): Answer {
  return async ({ claims: { tenant }, query }) => {
    if (query.before !== undefined)
      throw invalidField('The log is read forwards: give `after`, not `before`.');
    const { limit, after } = withLimit(readPage(query, asItIs));
    const filter = readFilter(query);

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

interface Filter {
  readonly types?: ReadonlySet<string>;
  readonly emailId?: string;
}

function readFilter({ type, email_id: emailId }: Call['query']): Filter {
  return {
    ...(type === undefined ? {} : { types: readTypes(type) }),
    ...(emailId === undefined ? {} : { emailId: readUuid(emailId, 'email_id') }),
  };
}

/** Separated by commas, as an HTTP API hands on what was repeated. */
function readTypes(text: string): ReadonlySet<string> {
  const types = text.split(',').map((each) => each.trim());
  const unknown = types.find((type) => !PUBLISHED_EVENT_TYPES.some((known) => known === type));
  if (unknown === undefined) return new Set(types);
  throw invalidField(`\`type\` has no \`${unknown}\`; there is ${PUBLISHED_EVENT_TYPES.join(', ')}.`);
}

const isWanted = ({ type, data }: PublishedEvent, { types, emailId }: Filter): boolean =>
  (types === undefined || types.has(type)) && (emailId === undefined || data.email_id === emailId);

/** Nothing is known of an email before it was there; of one that has not our kind of id, nothing at all. */
async function startFor(
  { emailId }: Filter,
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
