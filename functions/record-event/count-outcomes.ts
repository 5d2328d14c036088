import type { BounceReport, ComplaintReport } from '../../shared/feedback/delivery-report.ts';
import type { Fact } from '../../shared/messages/delivery-event.ts';
import type { Message } from '../../shared/messages/message.ts';
import type { ProviderTally } from '../../shared/pace/services/provider-tally.ts';
import {
  judgeSending,
  type SendingGuardDeps,
  sendingEventsOf,
  subjectsOf,
} from '../../shared/reputation/services/sending-guard.ts';

/** Counts of what new facts teach about our sending. A fact that was known is not counted twice. */
export interface Outcomes {
  countFact(fact: Fact): void;
  countFeedback(
    mail: Pick<Message, 'tenant' | 'stream'>,
    report: BounceReport | ComplaintReport,
    newFacts: number,
  ): void;
  /**
   * Functions that write counts at the end of a batch; what could not be written is written the next time.
   */
  readonly flush: readonly (() => Promise<void>)[];
}

interface OutcomesDeps extends SendingGuardDeps {
  readonly providers: ProviderTally;
}

export function createOutcomes(deps: OutcomesDeps): Outcomes {
  const { counter, providers } = deps;
  return {
    countFact: (fact) => providers.count(fact),
    countFeedback({ tenant, stream }, report, newFacts) {
      const events = sendingEventsOf(report, newFacts);
      for (const subject of subjectsOf(tenant, stream)) counter.count(subject, ...events);
    },
    flush: [() => judgeSending(deps), () => providers.flush()],
  };
}
