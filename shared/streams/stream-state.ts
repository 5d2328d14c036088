/** Whether the mail of a stream or a tenant may leave. */
export interface PauseState {
  readonly name: string;
  readonly status: 'active' | 'paused';
  /** Why it is paused. */
  readonly reason?: string;
  /** `ses`: a tenant whose sending SES has disabled. */
  readonly pausedBy?: PausedBy;
  /** When it was paused or resumed last; absent where it never was. */
  readonly sinceEpochMs?: number;
}

export type PausedBy = 'guard' | 'operator' | 'ses';

/** Where a stream stands: what people, the guard and `sweep` last said about it. */
export interface StreamState extends PauseState {
  /** Day 1 of the warm-up, `2026-11-23`; absent until the pool has an address. */
  readonly warmUpStartedOn?: string;
  /** Addresses of its pool, as `sweep` read them last. */
  readonly poolIps: readonly string[];
  readonly poolReadAtEpochMs?: number;
}

/** Of a stream that nobody has said anything about. */
export const newStreamState = (name: string): StreamState => ({ name, status: 'active', poolIps: [] });
