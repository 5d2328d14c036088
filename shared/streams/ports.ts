import type { PausedBy, PauseState, StreamState } from './stream-state.ts';

/** Pauses of streams or of tenants. */
export interface Pauses<State extends PauseState = PauseState> {
  /** Finds a state in a cache of at most two seconds; one of which nothing was said is active. */
  find(name: string): Promise<State>;
  /** Reads a state consistently, past every cache. */
  get(name: string): Promise<State>;
  /**
   * Pauses it; false where a pause of more say holds: the operator's before the guard's, the guard's before
   * SES's.
   */
  pause(
    name: string,
    pause: { readonly by: PausedBy; readonly reason: string; readonly nowEpochMs: number },
  ): Promise<boolean>;
  /** Resumes it; false where it was active already, or was paused by another than the one named. */
  resume(name: string, nowEpochMs: number, ifBy?: PausedBy): Promise<boolean>;
}

export interface StreamStates extends Pauses<StreamState> {
  /** Sets the day on which day 1 of the warm-up is. */
  startWarmUp(name: string, startedOn: string, options: { readonly unlessStarted: boolean }): Promise<void>;
  setPoolIps(name: string, ips: readonly string[], readAtEpochMs: number): Promise<void>;
}
