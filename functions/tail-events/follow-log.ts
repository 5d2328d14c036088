import type { Clock } from '../../shared/base/ports.ts';
import { type EventFilter, isWanted } from '../../shared/event-catalog/contract/event-filter.ts';
import { eventFrame, heartbeatFrame, RETRY_FRAME } from '../../shared/event-log/contract/sse.ts';
import type { EventLogReader, LogCursor } from '../../shared/event-log/ports.ts';
import type { ViewerSlot } from '../../shared/event-log/viewer-slots.ts';

export interface FollowDeps {
  readonly eventLog: Pick<EventLogReader, 'read'>;
  readonly writeCursor: (cursor: LogCursor) => string;
  readonly sleep: (ms: number) => Promise<unknown>;
  readonly clock: Clock;
}

interface Following {
  readonly tenant: string;
  readonly from: LogCursor;
  readonly filter: EventFilter;
  readonly slot: ViewerSlot;
  /** Milliseconds until the function must have ended. */
  readonly remainingMs: () => number;
}

const POLL_MS = 500;
const HEARTBEAT_MS = 15_000;
/**
 * Time before its end at which the function ends by itself; the client comes back with the cursor that it
 * has.
 */
const ENOUGH_TO_END_MS = 5_000;
const MAX_BLOCKS = 20;

/**
 * The log from a cursor on, as frames, until time is up, the place is lost or the viewer reads no further. What it gives back when it
 * ends is the place.
 */
export async function* followLog(following: Following, deps: FollowDeps): AsyncGenerator<string> {
  const { tenant, filter, slot, remainingMs } = following;
  const { eventLog, writeCursor, sleep, clock } = deps;
  let cursor = following.from;
  let quietSince = clock.nowEpochMs();
  try {
    yield RETRY_FRAME;
    while (remainingMs() > ENOUGH_TO_END_MS) {
      const page = await eventLog.read(tenant, cursor, { maxBlocks: MAX_BLOCKS });
      for (const { event, after } of page.events) {
        if (isWanted(event, filter)) yield eventFrame(event, writeCursor(after));
      }
      cursor = page.next;
      if (clock.nowEpochMs() - quietSince >= HEARTBEAT_MS) {
        quietSince = clock.nowEpochMs();
        if (!(await slot.renew())) return;
        yield heartbeatFrame(writeCursor(cursor));
      }
      if (!page.hasMore) await sleep(POLL_MS);
    }
  } finally {
    await slot.release();
  }
}
