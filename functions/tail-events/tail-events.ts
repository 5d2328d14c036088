import { requireFullAccess } from '../../shared/access/contract/permissions.ts';
import type { Authenticate } from '../../shared/access/services/authenticate.ts';
import { ContractError, invalidField, notFound } from '../../shared/base/contract/errors.ts';
import type { Ids } from '../../shared/base/ports.ts';
import { readEventFilter } from '../../shared/event-catalog/contract/event-filter.ts';
import { CursorError, type EventLogReader, type LogCursor } from '../../shared/event-log/ports.ts';
import type { ViewerSlot, ViewerSlots } from '../../shared/event-log/viewer-slots.ts';
import { type FollowDeps, followLog } from './follow-log.ts';

interface TailEventsDeps extends FollowDeps {
  readonly authenticate: Authenticate;
  readonly eventLog: Pick<EventLogReader, 'read' | 'end'>;
  /** @throws where it is none of ours */
  readonly readCursor: (text: string) => LogCursor;
  readonly viewerSlots: ViewerSlots;
  readonly ids: Ids;
}

interface TailRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Headers by lower-cased name. */
  readonly headers: Readonly<Record<string, string>>;
}

interface StreamedResponse {
  readonly status: 200;
  readonly headers: Readonly<Record<string, string>>;
  readonly frames: AsyncIterable<string>;
}

const PATH = /^\/*event-log\/+stream\/*$/;
const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  // What buffers in between would hold events back.
  'x-accel-buffering': 'no',
};

/**
 * Answers `GET /event-log/stream`: events as they are logged, from now on, or from where `Last-Event-ID` or
 * `after` says.
 * @throws ContractError for every answer that is no stream
 */
export function createTailEvents(deps: TailEventsDeps) {
  return async (
    { method, path, query, headers }: TailRequest,
    remainingMs: () => number,
  ): Promise<StreamedResponse> => {
    const { tenant, ...claims } = await deps.authenticate(headers);
    requireFullAccess({ tenant, ...claims });
    requireRoute(method, path);

    const filter = readEventFilter(query);
    const from = await startOf(tenant, headers['last-event-id'] ?? query.after, deps);

    const slot = await claimSlot(deps);
    return {
      status: 200,
      headers: HEADERS,
      frames: followLog({ tenant, from, filter, slot, remainingMs }, deps),
    };
  };
}

function requireRoute(method: string, path: string): void {
  if (!PATH.test(path)) throw notFound('The requested endpoint does not exist.');
  if (method === 'GET') return;
  const message = `${method} is not allowed here; this endpoint takes GET.`;
  throw new ContractError(405, 'method_not_allowed', message, { headers: { allow: 'GET' } });
}

/** Finds the start: the first read tells whether the log still has what a cursor asks for. */
async function startOf(tenant: string, text: string | undefined, deps: TailEventsDeps): Promise<LogCursor> {
  if (text === undefined || text === '') return deps.eventLog.end(tenant);
  try {
    const cursor = deps.readCursor(text);
    await deps.eventLog.read(tenant, cursor, { maxBlocks: 1 });
    return cursor;
  } catch (error) {
    if (!(error instanceof CursorError)) throw error;
    throw invalidField(
      error.kind === 'expired'
        ? 'The log does not go back to this cursor any more; start without it.'
        : '`Last-Event-ID` (or `after`) is not a cursor of this log.',
    );
  }
}

async function claimSlot({ viewerSlots, ids }: TailEventsDeps): Promise<ViewerSlot> {
  const slot = await viewerSlots.claim(ids.next());
  if (slot !== undefined) return slot;
  const message = 'As many as may watch at once are watching; try again later, or read GET /event-log.';
  throw new ContractError(429, 'rate_limit_exceeded', message, { headers: { 'retry-after': '30' } });
}
