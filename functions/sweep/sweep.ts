import type { SweepCursors } from '../../shared/domain/ports.ts';
import { SWEEP_CHECKS, type SweepCheck } from './checks.ts';
import { createHeldBack, type HeldBack } from './held-back.ts';
import { type SweepWindowDeps, sweepWindow } from './sweep-window.ts';

export interface SweepDeps extends SweepWindowDeps {
  readonly cursors: SweepCursors;
  readonly tenants: readonly string[];
}

interface TenantCheck {
  readonly tenant: string;
  readonly check: SweepCheck;
  readonly heldBack: HeldBack;
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
export function createSweep(deps: SweepDeps): (remainingMs: () => number) => Promise<void> {
  const checks: readonly TenantCheck[] = deps.tenants.flatMap((tenant) =>
    SWEEP_CHECKS.map((check) => ({ tenant, check, heldBack: createHeldBack() })),
  );

  return async (remainingMs) => {
    const errors: unknown[] = [];
    for (const [index, check] of checks.entries()) {
      const share = Math.max(0, remainingMs() - RESERVE_MS) / (checks.length - index);
      const stopAtMs = remainingMs() - share;
      await runCheck(check, () => remainingMs() > stopAtMs, deps).catch((error: unknown) => {
        deps.log.error('check_failed', { check: check.check.name, error });
        errors.push(error);
      });
    }
    if (errors.length > 0) throw new SweepIncompleteError('A check failed.', { cause: errors[0] });
  };
}

async function runCheck(
  { tenant, check: { name, ageSeconds, everySeconds }, heldBack }: TenantCheck,
  hasTime: () => boolean,
  deps: SweepDeps,
): Promise<void> {
  const fromEpochMs = (await deps.cursors.get(tenant, name)) ?? 0;
  const toEpochMs = deps.clock.nowEpochMs() - ageSeconds * 1000;
  if (toEpochMs <= fromEpochMs + everySeconds * 1000) return;
  const doneUntilEpochMs = await sweepWindow({ tenant, fromEpochMs, toEpochMs }, { hasTime, heldBack }, deps);
  if (doneUntilEpochMs > fromEpochMs) await deps.cursors.advance(tenant, name, doneUntilEpochMs);
}
