import type { Candidate } from './sweep-sources.ts';

/** Decides how long messages that cannot be handled may keep a cursor from moving; later checks look at them once more. */
export interface FailingMessages {
  /** @returns those of the failed ones that the cursor must stay before */
  toRetry(failed: readonly Candidate[], run: { readonly othersSucceed: boolean }): readonly Candidate[];
}

/** Runs, a minute apart, in which one message failed beside others that did not: it is the message. */
const STRIKES = 15;

/**
 * Creates the memory of failing messages. Where everything fails it is an outage, which passes: nothing is
 * let go of, however long it takes, and a run that meets enough failures ends early. Strikes live as long as
 * the process: a new one is patient from the start, which only takes longer.
 */
export function createFailingMessages(): FailingMessages {
  let strikes: ReadonlyMap<string, number> = new Map();

  return {
    toRetry(failed, { othersSucceed }) {
      strikes = new Map(
        failed.map(({ messageId }) => [messageId, (strikes.get(messageId) ?? 0) + Number(othersSucceed)]),
      );
      return failed.filter(({ messageId }) => (strikes.get(messageId) ?? 0) < STRIKES);
    },
  };
}
