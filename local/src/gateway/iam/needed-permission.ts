import type { Context } from './statement.ts';

/** One permission that a call needs. */
export interface NeededPermission {
  readonly action: string;
  readonly resource: string;
  readonly context: Context;
}
