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

/** All workers write one item: by time, so that a fast stream does not write more often than a slow one. */
const BETWEEN_WRITES_MS = 10_000;
const MOST_EVENTS = 1_000;

/** One for each worker: good news is written together, bad news at once. What it has not written dies with it. */
export function createReputationCounter(
  reputations: Pick<Reputations, 'add'>,
  clock: Clock,
): ReputationCounter {
  const pending = new Map<ReputationSubject, SendingEvent[]>();
  const triedAtEpochMs = new Map<ReputationSubject, number>();

  const isDue = (subject: ReputationSubject, events: readonly SendingEvent[]): boolean => {
    const sinceMs = Math.abs(clock.nowEpochMs() - (triedAtEpochMs.get(subject) ?? 0));
    const isBad = events.some(({ kind }) => kind !== 'sent');
    return isBad || events.length >= MOST_EVENTS || sinceMs >= BETWEEN_WRITES_MS;
  };

  const hold = (subject: ReputationSubject, events: readonly SendingEvent[]) => {
    if (events.length === 0) return;
    const held = pending.get(subject) ?? [];
    held.push(...events);
    pending.set(subject, held);
  };

  return {
    count: (subject, ...events) => hold(subject, events),

    async flush() {
      const changed: Counted[] = [];
      for (const [subject, events] of [...pending].filter((each) => isDue(...each))) {
        pending.delete(subject);
        triedAtEpochMs.set(subject, clock.nowEpochMs());
        try {
          changed.push({ subject, window: await reputations.add(subject, events) });
        } catch (error) {
          hold(subject, events);
          throw error;
        }
      }
      return changed;
    },
  };
}
