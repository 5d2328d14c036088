import type { Clock, Ids, Log } from '../../shared/base/ports.ts';
import type { BounceReport, ComplaintReport } from '../../shared/feedback/delivery-report.ts';
import {
  bouncesOf,
  decideBounce,
  decideComplaint,
  type FeedbackDecision,
  isComplaintWithdrawn,
} from '../../shared/feedback/feedback-decision.ts';
import type { Fact } from '../../shared/messages/delivery-event.ts';
import type { Messages } from '../../shared/messages/ports.ts';
import { findMessage } from '../../shared/messages/services/find-message.ts';
import type { ReportedMail } from '../../shared/sending/reported-mail.ts';
import type { Streams } from '../../shared/streams/stream.ts';
import type { SuppressionLists, Suppressions } from '../../shared/suppressions/ports.ts';
import { scopeOf } from '../../shared/suppressions/suppression-scope.ts';
import type { Outcomes } from './count-outcomes.ts';
import type { SentEvidence } from './record-sent.ts';

export interface Feedback {
  /** Records a report; false if there is no such message. */
  record(report: BounceReport | ComplaintReport, expiresAtEpochSeconds: number): Promise<boolean>;
}

interface FeedbackDeps {
  readonly messages: Pick<Messages, 'getMessage' | 'getTimeline' | 'appendFact'>;
  readonly suppressions: Pick<SuppressionLists, 'forScope'>;
  readonly streams: Streams;
  readonly sentEvidence: SentEvidence;
  readonly outcomes: Pick<Outcomes, 'countFact' | 'countFeedback'>;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly log: Log;
}

/** Bounces and complaints: first the suppression, then the fact that shows it, then what a withdrawal revokes. */
export function createFeedback(deps: FeedbackDeps): Feedback {
  return {
    async record(report, expiresAtEpochSeconds) {
      const { mail } = report;
      const message = await findMessage(deps.messages, mail);
      if (message === undefined) return false;

      const decision =
        report.kind === 'bounce' ? decideBounce(report, message) : decideComplaint(report, message);

      const list = deps.suppressions.forScope(scopeOf(message.tenant, deps.streams.byName(message.stream)));

      await suppress(list, decision.suppress, mail, deps);
      const newFacts: Fact[] = [];
      for (const fact of decision.facts) {
        const isNew = await deps.messages.appendFact(mail.tenant, fact, expiresAtEpochSeconds);
        if (isNew) newFacts.push(fact);
      }
      for (const fact of newFacts) deps.outcomes.countFact(fact);
      deps.outcomes.countFeedback(message, report, newFacts.length);
      await withdraw(list, decision, mail, deps);
      if (message.status !== 'sent') {
        await deps.sentEvidence.record({ mail, occurredAt: report.occurredAt }, expiresAtEpochSeconds);
      }

      for (const metric of decision.counts) deps.log.count(metric, 1);
      return true;
    },
  };
}

async function suppress(
  list: Suppressions,
  entries: FeedbackDecision['suppress'],
  { messageId }: ReportedMail,
  { ids, clock }: FeedbackDeps,
): Promise<void> {
  for (const entry of entries) {
    await list.add({
      ...entry,
      suppressionId: ids.next(),
      sourceMessageId: messageId,
      createdAt: new Date(clock.nowEpochMs()).toISOString(),
    });
  }
}

/**
 * Complaint and withdrawal each write their fact and then read all facts: the one that comes second sees
 * both, and removes the complaint if the withdrawal is the later word. Other causes against the address stay.
 */
async function withdraw(
  list: Suppressions,
  decision: FeedbackDecision,
  mail: ReportedMail,
  deps: FeedbackDeps,
): Promise<void> {
  const complained = decision.suppress.filter(({ origin }) => origin === 'complaint');
  const addresses = [...complained.map(({ address }) => address), ...decision.withdraw];
  if (addresses.length === 0) return;
  const timeline = await deps.messages.getTimeline(mail.tenant, mail.messageId);
  const facts = timeline?.facts ?? [];
  for (const address of addresses.filter((each) => isComplaintWithdrawn(facts, each))) {
    await list.withdrawComplaint(address, mail.messageId);
    await suppress(list, bouncesOf(facts, address), mail, deps);
  }
}
