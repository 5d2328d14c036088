import { SesError } from '../error.ts';
import type { SesOperation } from '../operation.ts';

/** Mail that SES refused since the start, counted by the exception's name. */
export interface Refusals {
  counts(): Readonly<Record<string, number>>;
  /** The same operation, its refusals counted. */
  counted(operation: SesOperation): SesOperation;
}

export function createRefusals(): Refusals {
  const byName = new Map<string, number>();
  return {
    counts: () => Object.fromEntries(byName),
    counted: (operation) => async (request) => {
      try {
        return await operation(request);
      } catch (error) {
        if (error instanceof SesError) byName.set(error.name, (byName.get(error.name) ?? 0) + 1);
        throw error;
      }
    },
  };
}
