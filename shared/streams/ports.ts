import type { PausedBy, PauseState, StreamState } from './stream-state.ts';

/** Of streams or of tenants. */
export interface Pauses<State extends PauseState = PauseState> {
  /** From a cache of at most two seconds; what nobody has said anything about is active. */
  find(name: string): Promise<State>;
  /** Consistent, past every cache. */
  get(name: string): Promise<State>;
  /** False where somebody of more say has paused it: the operator before the guard, the guard before SES. */
  pause(
    name: string,
    pause: { readonly by: PausedBy; readonly reason: string; readonly nowEpochMs: number },
  ): Promise<boolean>;
  /** False where it was active already, or was paused by somebody else than the one named. */
  resume(name: string, nowEpochMs: number, ifBy?: PausedBy): Promise<boolean>;
}

export interface StreamStates extends Pauses<StreamState> {
  /** The day on which day 1 of the warm-up is. */
  startWarmUp(name: string, startedOn: string, options: { readonly unlessStarted: boolean }): Promise<void>;
  setPoolIps(name: string, ips: readonly string[], readAtEpochMs: number): Promise<void>;
}
