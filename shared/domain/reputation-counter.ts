import type { ReputationWindow, SendingEvent } from './guard.ts';
import type { Clock } from './ports.ts';
import type { ReputationSubject, Reputations } from './sending-ports.ts';

export interface ReputationCounter {
  count(subject: ReputationSubject, ...events: readonly SendingEvent[]): void;
  /**
   * Writes what is worth a write, and answers the windows that it changed, to be judged.
   * @throws what the store throws; what was counted is kept for the next time
   */
  flush(): Promise<readonly Counted[]>;
}

export interface Counted {
  readonly subject: ReputationSubject;
  readonly window: ReputationWindow;
}

interface Pending {
  readonly sinceEpochMs: number;
  readonly events: SendingEvent[];
}

/** All workers write one item: by time, so that a fast stream does not write more often than a slow one. */
const LONGEST_MS = 10_000;
const MOST_EVENTS = 1_000;

/** One for each worker: good news is written together, bad news at once. What it has not written dies with it. */
export function createReputationCounter(
  reputations: Pick<Reputations, 'add'>,
  clock: Clock,
): ReputationCounter {
  const pending = new Map<ReputationSubject, Pending>();

  const isDue = ({ sinceEpochMs, events }: Pending): boolean =>
    events.length >= MOST_EVENTS ||
    Math.abs(clock.nowEpochMs() - sinceEpochMs) >= LONGEST_MS ||
    events.some(({ kind }) => kind !== 'sent');

  const hold = (subject: ReputationSubject, events: readonly SendingEvent[]) => {
    const held = pending.get(subject) ?? { sinceEpochMs: clock.nowEpochMs(), events: [] };
    held.events.push(...events);
    pending.set(subject, held);
  };

  return {
    count: (subject, ...events) => hold(subject, events),

    async flush() {
      const changed: Counted[] = [];
      for (const [subject, counted] of [...pending].filter(([, each]) => isDue(each))) {
        pending.delete(subject);
        try {
          changed.push({ subject, window: await reputations.add(subject, counted.events) });
        } catch (error) {
          hold(subject, counted.events);
          throw error;
        }
      }
      return changed;
    },
  };
}
