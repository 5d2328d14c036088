/** State of a stream or a tenant: whether its mail may leave. */
export interface PauseState {
  readonly name: string;
  readonly status: 'active' | 'paused';
  /** Reason of the pause. */
  readonly reason?: string;
  /** Origin of the pause. `ses`: a tenant whose sending SES has disabled. */
  readonly pausedBy?: PausedBy;
  /** Time at which it was paused or resumed last; absent where it never was. */
  readonly sinceEpochMs?: number;
}

export type PausedBy = 'guard' | 'operator' | 'ses';

/** State of a stream: what people, the guard and `sweep` last said about it. */
export interface StreamState extends PauseState {
  /** Day 1 of the warm-up, `2026-11-23`; absent until the pool has an address. */
  readonly warmUpStartedOn?: string;
  /** Addresses of its pool, as `sweep` read them last. */
  readonly poolIps: readonly string[];
  readonly poolReadAtEpochMs?: number;
}

/** State of a stream of which nothing was said. */
export const newStreamState = (name: string): StreamState => ({ name, status: 'active', poolIps: [] });
