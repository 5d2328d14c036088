import type { ReputationWindow, SendingEvent } from './guard.ts';

/** Subject of counts, a stream's or a tenant's: `stream#broadcast`, `tenant#acme`. */
export type ReputationSubject = `stream#${string}` | `tenant#${string}`;

export interface Reputations {
  get(subject: ReputationSubject): Promise<ReputationWindow>;
  /** Adds events; answers the window with them in it. @throws ContendedError */
  add(subject: ReputationSubject, events: readonly SendingEvent[]): Promise<ReputationWindow>;
  /** Begins an empty window: what was sent before is not counted any more. */
  restart(subject: ReputationSubject, nowEpochMs: number): Promise<void>;
}
