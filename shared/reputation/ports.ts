import type { ReputationWindow, SendingEvent } from './guard.ts';

/** A stream's or a tenant's: `stream#broadcast`, `tenant#acme`. */
export type ReputationSubject = `stream#${string}` | `tenant#${string}`;

export interface Reputations {
  get(subject: ReputationSubject): Promise<ReputationWindow>;
  /** Answers the window with the events in it. @throws ContendedError */
  add(subject: ReputationSubject, events: readonly SendingEvent[]): Promise<ReputationWindow>;
  /** Begins an empty window: what was sent before is not counted any more. */
  restart(subject: ReputationSubject, nowEpochMs: number): Promise<void>;
}
