import type { SweepCursors } from '../../shared/domain/ports.ts';
import { SWEEP_CHECKS, type SweepCheck } from './checks.ts';
import { type SweepWindowDeps, sweepWindow } from './sweep-window.ts';

export interface SweepDeps extends SweepWindowDeps {
  readonly cursors: SweepCursors;
  readonly tenants: readonly string[];
}

/** One or more checks could not be run to where they should; the next run goes on from their cursors. */
export class SweepIncompleteError extends Error {
  override readonly name = 'SweepIncompleteError';
  readonly permanent = false;
}

/** Left to write the cursor and to end in good order. */
const RESERVE_MS = 10_000;

/**
 * Runs every check over the messages that have reached its age since its last run, without a gap: a cursor moves only
 * over what has been handled, so that a sweep that was down, or ran out of time, catches up.
 */
export function createSweep(deps: SweepDeps) {
  return async (remainingMs: () => number): Promise<void> => {
    const due = deps.tenants.flatMap((tenant) => SWEEP_CHECKS.map((check) => ({ tenant, check })));
    const errors: unknown[] = [];
    for (const [index, { tenant, check }] of due.entries()) {
      const share = Math.max(0, remainingMs() - RESERVE_MS) / (due.length - index);
      const stopAtMs = remainingMs() - share;
      const run = runCheck(tenant, check, () => remainingMs() > stopAtMs, deps);
      await run.catch((error: unknown) => {
        deps.log.error('check_failed', { check: check.name, error });
        errors.push(error);
      });
    }
    if (errors.length > 0) throw new SweepIncompleteError('A check failed.', { cause: errors[0] });
  };
}

async function runCheck(
  tenant: string,
  { name, ageSeconds, everySeconds }: SweepCheck,
  hasTime: () => boolean,
  deps: SweepDeps,
): Promise<void> {
  const fromEpochMs = (await deps.cursors.get(tenant, name)) ?? 0;
  const toEpochMs = deps.clock.nowEpochMs() - ageSeconds * 1000;
  if (toEpochMs <= fromEpochMs + everySeconds * 1000) return;
  const doneUntilEpochMs = await sweepWindow({ tenant, fromEpochMs, toEpochMs }, hasTime, deps);
  if (doneUntilEpochMs > fromEpochMs) await deps.cursors.advance(tenant, name, doneUntilEpochMs);
}
