import { dayOf, nextDayEpochMs } from '../base/days.ts';
import { MS_PER_DAY } from '../base/durations.ts';
import type { MailboxProvider, StreamSettings, WarmUpPlan } from '../streams/stream-settings.ts';
import type { LedgerDay } from './ports.ts';

/**
 * Parts of a day's volume. So many make its end exact: the chunks that workers hold shrink with what is left.
 */
const PARTS = 20;

/** Way in which a mail of a stream with a pool of its own leaves. */
export type WarmUpDecision =
  | { readonly kind: 'dedicated'; readonly reason: 'within_allowance' | 'no_plan' }
  | { readonly kind: 'overflow'; readonly reason: 'allowance_used_up' }
  /** The pool has no address yet: shared addresses, also where the plan has no overflow. */
  | { readonly kind: 'shared'; readonly reason: 'pool_without_address' }
  | { readonly kind: 'wait-for-tomorrow'; readonly reason: 'allowance_used_up'; readonly dueEpochMs: number };

/** Recipients on a day of the plan, from day 1; the last volume holds from then on. */
export function allowanceOn(plan: WarmUpPlan, day: number): number {
  const counted = Math.max(1, day);
  if ('start' in plan) return Math.floor(Math.min(plan.target, plan.start * plan.growth ** (counted - 1)));
  return plan[Math.min(counted, plan.length) - 1] ?? 0;
}

/** Day of the warm-up: 1 on the day it started (`2026-11-23`), by UTC; 0 or less before it. */
export function warmUpDay(startedOn: string, nowEpochMs: number): number {
  return Math.floor(nowEpochMs / MS_PER_DAY) - Date.parse(startedOn) / MS_PER_DAY + 1;
}

/** The start that makes today the given day of the plan. */
export function startThatMakesToday(day: number, nowEpochMs: number): string {
  return dayOf(nowEpochMs - (day - 1) * MS_PER_DAY);
}

/**
 * Recipients that a worker takes from the ledger at once: less and less, down to one. 0 where what is needed
 * is not there.
 */
export function chunkOf(need: number, left: number): number {
  return need > left ? 0 : Math.max(need, Math.ceil(left / PARTS));
}

/** Need that a mail has of one line of the ledger. */
export interface Need {
  readonly line: LedgerDay;
  readonly recipients: number;
  readonly allowance: number;
}

/**
 * The lines of the ledger that a mail counts on: the stream's, and that of each provider which has a plan of its own.
 * @param recipients the provider of each recipient
 */
export function needsOf(
  { name, warmUp }: Pick<StreamSettings, 'name' | 'warmUp'>,
  recipients: readonly MailboxProvider[],
  startedOn: string,
  nowEpochMs: number,
): readonly Need[] {
  if (warmUp === undefined) return [];
  const day = warmUpDay(startedOn, nowEpochMs);
  const needOf = (provider: LedgerDay['provider'], plan: WarmUpPlan, count: number): Need => ({
    line: { stream: name, day: dayOf(nowEpochMs), provider },
    recipients: count,
    allowance: allowanceOn(plan, day),
  });
  const own = [...new Set(recipients)].flatMap((provider) => {
    const plan = warmUp.providers?.[provider];
    const count = recipients.filter((each) => each === provider).length;
    return plan === undefined ? [] : [needOf(provider, plan, count)];
  });
  return [...own, needOf('all', warmUp.plan, recipients.length)];
}

interface WarmUpFacts {
  readonly settings: Pick<StreamSettings, 'warmUp'>;
  readonly poolHasAddress: boolean;
  /** True if the ledger had enough left, on every line. */
  readonly isCovered: boolean;
  readonly nowEpochMs: number;
}

export function decideWarmUp({
  settings,
  poolHasAddress,
  isCovered,
  nowEpochMs,
}: WarmUpFacts): WarmUpDecision {
  if (settings.warmUp === undefined) return { kind: 'dedicated', reason: 'no_plan' };
  if (!poolHasAddress) return { kind: 'shared', reason: 'pool_without_address' };
  if (isCovered) return { kind: 'dedicated', reason: 'within_allowance' };
  if (!settings.warmUp.waits) return { kind: 'overflow', reason: 'allowance_used_up' };
  const dueEpochMs = nextDayEpochMs(nowEpochMs);
  return { kind: 'wait-for-tomorrow', reason: 'allowance_used_up', dueEpochMs };
}
