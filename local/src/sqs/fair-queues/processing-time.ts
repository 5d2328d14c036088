import { createWindow, type SlidingWindow } from '../../host/sliding-window.ts';

/** Length of "recent", which SQS does not document. */
const RECENT_MS = 60_000;

/** Time that consumers of one queue had messages of each group in their hands. */
export interface ProcessingTime {
  begin(handle: string, group: string | undefined, now: number): void;
  end(handle: string, now: number): void;
  /** Ends what is no longer in flight: its visibility ran out. */
  endAllBut(inFlight: ReadonlySet<string>, now: number): void;
  /** Milliseconds of the last minute, those of messages still in hand included. */
  recent(group: string | undefined, now: number): number;
  forget(group: string): void;
}

export function createProcessingTime(): ProcessingTime {
  const running = new Map<string, { readonly group: string | undefined; readonly since: number }>();
  const windows = new Map<string | undefined, SlidingWindow>();
  const elapsed = (since: number, now: number): number => Math.min(Math.max(now - since, 0), RECENT_MS);

  const end = (handle: string, now: number): void => {
    const work = running.get(handle);
    if (!work) return;
    running.delete(handle);
    const window = windows.get(work.group) ?? createWindow(RECENT_MS, 100);
    windows.set(work.group, window);
    window.add(now, elapsed(work.since, now));
  };

  return {
    end,
    begin: (handle, group, now) => void running.set(handle, { group, since: now }),
    endAllBut: (inFlight, now) => {
      for (const handle of running.keys()) if (!inFlight.has(handle)) end(handle, now);
    },
    recent: (group, now) => {
      const underWay = [...running.values()].filter((work) => work.group === group);
      const ended = windows.get(group)?.sum(now) ?? 0;
      return underWay.reduce((total, { since }) => total + elapsed(since, now), ended);
    },
    forget: (group) => void windows.delete(group),
  };
}
