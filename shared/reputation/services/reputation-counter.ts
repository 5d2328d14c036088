import type { Clock } from '../../base/ports.ts';
import type { ReputationWindow, SendingEvent } from '../guard.ts';
import type { ReputationSubject, Reputations } from '../ports.ts';

export interface ReputationCounter {
  count(subject: ReputationSubject, ...events: readonly SendingEvent[]): void;
  /**
   * Writes what is worth a write, and has every window that it changed judged.
   * @throws the first thing that a store or `judge` throws, after all the others; what was not written or judged then is
   * the next time
   */
  flush(judge?: (counted: Counted) => Promise<void>): Promise<void>;
}

export interface Counted {
  readonly subject: ReputationSubject;
  readonly window: ReputationWindow;
}

/**
 * Time between writes. All workers write one item: by time, so that a fast stream does not write more often
 * than a slow one.
 */
const BETWEEN_WRITES_MS = 10_000;
const MOST_EVENTS = 1_000;

/**
 * Creates the counter, one for each worker: good news is written together, bad news at once. What it has not
 * written dies with it.
 */
export function createReputationCounter(
  reputations: Pick<Reputations, 'add'>,
  clock: Clock,
): ReputationCounter {
  const pending = new Map<ReputationSubject, SendingEvent[]>();
  const unjudged = new Map<ReputationSubject, ReputationWindow>();
  const triedAtEpochMs = new Map<ReputationSubject, number>();

  const isDue = (subject: ReputationSubject, events: readonly SendingEvent[]): boolean => {
    const sinceMs = Math.abs(clock.nowEpochMs() - (triedAtEpochMs.get(subject) ?? 0));
    const isBad = events.some(({ kind }) => kind !== 'sent');
    return isBad || events.length >= MOST_EVENTS || sinceMs >= BETWEEN_WRITES_MS;
  };

  const keep = (subject: ReputationSubject, events: readonly SendingEvent[]) => {
    if (events.length === 0) return;
    const unwritten = pending.get(subject) ?? [];
    unwritten.push(...events);
    pending.set(subject, unwritten);
  };

  const write = async (subject: ReputationSubject, events: readonly SendingEvent[]) => {
    pending.delete(subject);
    triedAtEpochMs.set(subject, clock.nowEpochMs());
    try {
      unjudged.set(subject, await reputations.add(subject, events));
    } catch (error) {
      keep(subject, events);
      throw error;
    }
  };

  return {
    count: (subject, ...events) => keep(subject, events),

    async flush(judge = async () => {}) {
      const due = [...pending].filter((each) => isDue(...each));
      const written = await Promise.allSettled(due.map((each) => write(...each)));
      const judged = await Promise.allSettled(
        [...unjudged].map(async ([subject, window]) => {
          await judge({ subject, window });
          if (unjudged.get(subject) === window) unjudged.delete(subject);
        }),
      );
      for (const result of [...written, ...judged]) if (result.status === 'rejected') throw result.reason;
    },
  };
}
