import type { ReputationWindow, SendingEvent } from './guard.ts';
import type { Clock } from './ports.ts';
import type { ReputationSubject, Reputations } from './sending-ports.ts';

export interface ReputationCounter {
  count(subject: ReputationSubject, event: SendingEvent): void;
  /**
   * For the end of a batch: writes what is worth a write, and answers the windows that it changed, to be judged.
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
  readonly events: readonly SendingEvent[];
}

const CHUNK = 100;
const LONGEST_MS = 10_000;

/** One for each worker: good news is written together, bad news at once. What it has not written dies with it. */
export function createReputationCounter(
  reputations: Pick<Reputations, 'add'>,
  clock: Clock,
): ReputationCounter {
  const pending = new Map<ReputationSubject, Pending>();

  const isDue = ({ sinceEpochMs, events }: Pending): boolean =>
    events.length >= CHUNK ||
    Math.abs(clock.nowEpochMs() - sinceEpochMs) >= LONGEST_MS ||
    events.some(({ kind }) => kind !== 'sent');

  const restore = (subject: ReputationSubject, { sinceEpochMs, events }: Pending) => {
    const since = pending.get(subject)?.events ?? [];
    pending.set(subject, { sinceEpochMs, events: [...events, ...since] });
  };

  return {
    count(subject, event) {
      const { sinceEpochMs, events } = pending.get(subject) ?? {
        sinceEpochMs: clock.nowEpochMs(),
        events: [],
      };
      pending.set(subject, { sinceEpochMs, events: [...events, event] });
    },

    async flush() {
      const changed: Counted[] = [];
      for (const [subject, counted] of [...pending].filter(([, each]) => isDue(each))) {
        pending.delete(subject);
        try {
          changed.push({ subject, window: await reputations.add(subject, counted.events) });
        } catch (error) {
          restore(subject, counted);
          throw error;
        }
      }
      return changed;
    },
  };
}
