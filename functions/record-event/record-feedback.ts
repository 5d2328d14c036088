import type { BounceReport, ComplaintReport, ReportedMail } from '../../shared/domain/delivery-report.ts';
import {
  decideBounce,
  decideComplaint,
  type FeedbackDecision,
  isComplaintWithdrawn,
} from '../../shared/domain/feedback-decision.ts';
import type { Clock, Ids, Log, Messages, Suppressions } from '../../shared/domain/ports.ts';
import { findMessage, type SentEvidence } from './record-sent.ts';

export interface Feedback {
  /** False: no such message. */
  record(report: BounceReport | ComplaintReport, expiresAtEpochSeconds: number): Promise<boolean>;
}

export interface FeedbackDeps {
  readonly messages: Pick<Messages, 'getMessage' | 'getTimeline' | 'appendFact'>;
  readonly suppressions: Pick<Suppressions, 'add' | 'get' | 'remove'>;
  readonly sentEvidence: SentEvidence;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly log: Log;
}

/** Bounces and complaints: first the suppression, then the fact that shows it, then what a withdrawal takes back. */
export function createFeedback(deps: FeedbackDeps): Feedback {
  return {
    async record(report, expiresAtEpochSeconds) {
      const { mail } = report;
      const message = await findMessage(deps.messages, mail);
      if (message === undefined) return false;

      const decision =
        report.kind === 'bounce' ? decideBounce(report, message) : decideComplaint(report, message);

      await suppress(deps, decision, mail);
      for (const fact of decision.facts) {
        await deps.messages.appendFact(mail.tenant, fact, expiresAtEpochSeconds);
      }
      await withdraw(deps, decision, mail);
      if (message.status !== 'sent') {
        await deps.sentEvidence.record({ mail, occurredAt: report.occurredAt }, expiresAtEpochSeconds);
      }

      for (const metric of decision.counts) deps.log.count(metric, 1);
      return true;
    },
  };
}

async function suppress(
  { suppressions, ids, clock }: FeedbackDeps,
  { suppress }: FeedbackDecision,
  { messageId }: ReportedMail,
): Promise<void> {
  for (const { address, origin, reason } of suppress) {
    await suppressions.add({
      suppressionId: ids.next(),
      address,
      origin,
      sourceMessageId: messageId,
      createdAt: new Date(clock.nowEpochMs()).toISOString(),
      reason,
    });
  }
}

/**
 * Complaint and withdrawal each write their fact and then read all facts: whichever comes second sees both, and removes
 * the suppression if the withdrawal is the later word. Only an entry that this message caused is taken back.
 */
async function withdraw(
  { messages, suppressions }: FeedbackDeps,
  decision: FeedbackDecision,
  { tenant, messageId }: ReportedMail,
): Promise<void> {
  const complained = decision.suppress.filter(({ origin }) => origin === 'complaint');
  const addresses = [...complained.map(({ address }) => address), ...decision.withdraw];
  if (addresses.length === 0) return;
  const timeline = await messages.getTimeline(tenant, messageId);
  for (const address of addresses) {
    if (!isComplaintWithdrawn(timeline?.facts ?? [], address)) continue;
    const entry = await suppressions.get(address);
    if (entry?.origin !== 'complaint' || entry.sourceMessageId !== messageId) continue;
    await suppressions.remove(entry.suppressionId);
  }
}
