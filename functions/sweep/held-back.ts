import type { Candidate } from './sweep-sources.ts';

/** Decides how long messages that cannot be handled may hold a cursor; later checks look at them once more. */
export interface HeldBack {
  /** @returns those of the failed ones that the cursor must stay before */
  holding(
    failed: readonly Candidate[],
    run: { readonly othersSucceed: boolean; readonly toEpochMs: number },
  ): readonly Candidate[];
}

/** Runs, a minute apart, in which one message failed beside others that did not: it is the message. */
const STRIKES = 15;

/** Where everything fails it is an outage, which passes; but a window that is read every minute must not grow for ever. */
const PATIENCE_IN_OUTAGE_MS = 4 * 3_600_000;

/** Strikes live as long as the process: a new one is patient from the start, which only takes longer. */
export function createHeldBack(): HeldBack {
  let strikes: ReadonlyMap<string, number> = new Map();

  return {
    holding(failed, { othersSucceed, toEpochMs }) {
      strikes = new Map(
        failed.map(({ messageId }) => [messageId, (strikes.get(messageId) ?? 0) + Number(othersSucceed)]),
      );
      return failed.filter(({ messageId, fromEpochMs }) => {
        const isYoung = toEpochMs - fromEpochMs < PATIENCE_IN_OUTAGE_MS;
        return isYoung && (strikes.get(messageId) ?? 0) < STRIKES;
      });
    },
  };
}
