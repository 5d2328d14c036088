import { OPERATOR_TENANT } from '../../../shared/base/tenant-name.ts';
import { DUE_CHECKS, SWEEP_CHECKS, type SweepCheck } from './checks.ts';
import { createFailingMessages, type FailingMessages } from './failing-messages.ts';
import {
  ALL_TENANTS,
  createForgetMinutes,
  createReleaseMinutes,
  type ReleaseMinutesDeps,
} from './release-minutes.ts';
import { byAcceptance, byDueTime, type SourceDeps, type SweepSource } from './sweep-sources.ts';
import { type SweepWindowDeps, sweepWindow } from './sweep-window.ts';

export interface SweepDeps
  extends Omit<SweepWindowDeps, 'messages' | 'dueRows' | 'log'>,
    Omit<ReleaseMinutesDeps, 'log'> {
  readonly messages: SweepWindowDeps['messages'] & SourceDeps['messages'];
  readonly dueRows: SweepWindowDeps['dueRows'] & SourceDeps['dueRows'];
  readonly log: SweepWindowDeps['log'];
  /** Names of the tenants that may have messages; the operator's name first. */
  readonly tenants: () => Promise<readonly string[]>;
}

/** Something that every run does, as far as its share of the time goes. */
interface Step {
  readonly name: string;
  run(hasTime: () => boolean): Promise<void>;
}

/**
 * Error that one or more checks could not be run to where they should; the next run goes on from their
 * cursors.
 */
class SweepIncompleteError extends Error {
  override readonly name = 'SweepIncompleteError';
  readonly permanent = false;
}

/** Time left to write the cursor and to end in good order. */
const RESERVE_MS = 10_000;

/**
 * Releases what is due, then runs every check over the messages that have reached its age since its last run, without a
 * gap: a cursor moves only over what has been handled, so that a sweep that was down, or ran out of time, catches up.
 */
export function createSweep(deps: SweepDeps): (remainingMs: () => number) => Promise<void> {
  const stepsFor = createSteps(deps);

  return async (remainingMs) => {
    const errors: unknown[] = [];
    const steps = stepsFor(await deps.tenants());
    for (const [index, step] of steps.entries()) {
      const share = Math.max(0, remainingMs() - RESERVE_MS) / (steps.length - index);
      const stopAtMs = remainingMs() - share;
      await tryStep(step, () => remainingMs() > stopAtMs, errors, deps);
    }
    throwFirst(errors);
  };
}

/** Runs a step; one that fails keeps none of the others from running. */
async function tryStep(
  step: Step,
  hasTime: () => boolean,
  errors: unknown[],
  { log }: Pick<SweepDeps, 'log'>,
): Promise<void> {
  try {
    await step.run(hasTime);
  } catch (error) {
    log.error('check_failed', { check: step.name, error });
    errors.push(error);
  }
}

function throwFirst(errors: readonly unknown[]): void {
  if (errors.length > 0) throw new SweepIncompleteError('A check failed.', { cause: errors[0] });
}

/**
 * Lists the steps: what is due first, then the operator's mail and what had due rows, then all other tenants'
 * mail as one step: its time is shared by all tenants, however many they are, and where it ends the next run
 * goes on.
 */
function createSteps(deps: SweepDeps): (tenants: readonly string[]) => readonly Step[] {
  const checkStep = (tenant: string, check: SweepCheck, source: SweepSource): Step => {
    const failing = createFailingMessages();
    return {
      name: check.name,
      run: (hasTime) => runCheck({ tenant, check, source, failing }, hasTime, deps),
    };
  };
  const known = new Map<string, readonly Step[]>();
  // The same steps in every run: they remember what they hold back.
  const stepsOf = (tenant: string): readonly Step[] => {
    const steps =
      known.get(tenant) ?? SWEEP_CHECKS.map((check) => checkStep(tenant, check, byAcceptance(tenant, deps)));
    known.set(tenant, steps);
    return steps;
  };
  const first: Step = { name: 'release', run: createReleaseMinutes(deps) };
  const ofAll: readonly Step[] = [
    ...DUE_CHECKS.map((check) => checkStep(ALL_TENANTS, check, byDueTime(deps))),
    { name: 'forget', run: createForgetMinutes(deps, 'due-lost') },
  ];
  let next = 0;
  const ofTenants = (tenants: readonly string[]): Step => ({
    name: 'tenants',
    async run(hasTime) {
      const errors: unknown[] = [];
      const from = next % tenants.length;
      for (const tenant of [...tenants.slice(from), ...tenants.slice(0, from)]) {
        if (!hasTime()) break;
        next += 1;
        for (const step of stepsOf(tenant)) await tryStep(step, hasTime, errors, deps);
      }
      throwFirst(errors);
    },
  });
  return ([operator = OPERATOR_TENANT, ...tenants]) => [
    ...[first, ...stepsOf(operator), ...ofAll],
    ...(tenants.length === 0 ? [] : [ofTenants(tenants)]),
  ];
}

interface Check {
  readonly tenant: string;
  readonly check: SweepCheck;
  readonly source: SweepSource;
  readonly failing: FailingMessages;
}

async function runCheck(
  { tenant, check: { name, ageSeconds, everySeconds }, source, failing }: Check,
  hasTime: () => boolean,
  deps: SweepDeps,
): Promise<void> {
  const from = (await deps.cursors.get(tenant, name)) ?? 0;
  const toEpochMs = deps.clock.nowEpochMs() - ageSeconds * 1000;
  if (toEpochMs <= source.epochMsAt(from) + everySeconds * 1000) return;
  const done = await sweepWindow(source, { from, toEpochMs }, { hasTime, failing }, deps);
  if (done > from) await deps.cursors.advance(tenant, name, done);
}
