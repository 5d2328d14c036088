import { defined } from '../base/defined.ts';
import type { Fact, FactDetail } from '../messages/delivery-event.ts';
import type { Message } from '../messages/message.ts';
import { deliveryRecipientsOf } from '../messages/message-state.ts';
import type { SuppressionOrigin } from '../suppressions/suppression.ts';
import type { BounceReport, ComplaintReport, ReportedRecipient } from './delivery-report.ts';

/** Decision about a bounce or a complaint. Suppressions are written before the facts that show why. */
export interface FeedbackDecision {
  readonly suppress: readonly {
    readonly address: string;
    readonly origin: SuppressionOrigin;
    readonly reason: string;
  }[];
  readonly facts: readonly Fact[];
  /** Addresses whose complaint about this message, where there is one, was revoked. */
  readonly withdraw: readonly string[];
  /** Counts that people should see in the metrics. */
  readonly counts: readonly string[];
}

const NOTHING: FeedbackDecision = { suppress: [], facts: [], withdraw: [], counts: [] };

/**
 * Decides about a bounce. Permanent bounces suppress, transient and undetermined ones never do, and neither
 * does SES's repeating what one of our own lists said.
 */
export function decideBounce(report: BounceReport, message: Message): FeedbackDecision {
  const { known, strangers } = attribute(report.recipients, message);
  const isEcho = report.refusedBy !== 'recipient';
  const isLearned = report.bounceType === 'Permanent' && report.refusedBy !== 'account';
  return {
    ...NOTHING,
    suppress: isLearned
      ? known.map(({ address }) => ({ address, origin: 'bounce' as const, reason: report.bounceSubType }))
      : [],
    facts: [...known, ...strangers].map((recipient) => bounceFact(report, recipient, isEcho)),
    counts: strangers.length > 0 ? ['BouncesUnattributed'] : [],
  };
}

/**
 * A mailbox provider reports who complained; where it hides the name, SES lists all that could have. One candidate
 * is the complainer. Of several none is suppressed: it would silence people who never complained.
 */
export function decideComplaint(report: ComplaintReport, message: Message): FeedbackDecision {
  if (report.meaning === 'authentication') return { ...NOTHING, counts: ['AuthenticationReports'] };
  if (report.meaning === 'echo') return echoOf(report, message);
  const { known } = attribute(report.recipients, message);
  const isAmbiguous = known.length > 1;
  const kind = report.meaning === 'complaint' ? 'complained' : 'complaint_withdrawn';
  const certain = isAmbiguous ? [] : known.map(({ address }) => address);
  return {
    suppress: kind === 'complained' ? certain.map((address) => complaintOf(address, report)) : [],
    facts: known.map(({ address }) =>
      feedbackFact(report, kind, address, complaintDetail(report, isAmbiguous)),
    ),
    withdraw: kind === 'complaint_withdrawn' ? certain : [],
    counts: [
      ...(isAmbiguous ? ['ComplaintsAmbiguous'] : []),
      ...(known.length === 0 ? ['ComplaintsUnattributed'] : []),
    ],
  };
}

/** Says whether the facts revoke every complaint of this address: the last word by SES's clock, in any order of coming. */
export function isComplaintWithdrawn(facts: readonly Fact[], address: string): boolean {
  const timesOf = (kind: Fact['kind']) =>
    facts
      .filter((fact) => fact.kind === kind && fact.recipient === address && fact.detail?.isAmbiguous !== true)
      .map(({ occurredAt }) => Date.parse(occurredAt));
  return Math.max(...timesOf('complaint_withdrawn')) > Math.max(...timesOf('complained'));
}

/** The suppression that facts of permanent bounces ask for, at most one. */
export function bouncesOf(facts: readonly Fact[], address: string): FeedbackDecision['suppress'] {
  const bounce = facts.find(
    ({ kind, recipient, detail }) =>
      kind === 'bounced' && recipient === address && detail?.bounceType === 'Permanent',
  );
  return bounce === undefined
    ? []
    : [{ address, origin: 'bounce', reason: bounce.detail?.bounceSubType ?? 'bounce' }];
}

/**
 * Reported addresses that the message went to. A server names the final recipient (RFC 3464), which forwarding changes:
 * where there was one recipient it can only be that one. A stranger is never suppressed: any server can name any address.
 */
function attribute(reported: readonly ReportedRecipient[], message: Message) {
  const ours = deliveryRecipientsOf(message);
  const known = reported.filter(({ address }) => ours.includes(address));
  const [only, ...others] = ours;
  const [first] = reported;
  if (known.length === 0 && first !== undefined && only !== undefined && others.length === 0) {
    return { known: [{ ...first, address: only }], strangers: [] };
  }
  return { known, strangers: reported.filter(({ address }) => !ours.includes(address)) };
}

function bounceFact(report: BounceReport, recipient: ReportedRecipient, isEcho: boolean): Fact {
  const { bounceType, bounceSubType, feedbackId } = report;
  const { address, diagnosticCode } = recipient;
  const detail: FactDetail = {
    bounceType,
    bounceSubType,
    feedbackId,
    ...defined({ diagnosticCode }),
  };
  return feedbackFact(report, isEcho ? 'suppressed' : 'bounced', address, detail);
}

function echoOf(report: ComplaintReport, message: Message): FeedbackDecision {
  const { known } = attribute(report.recipients, message);
  const detail = complaintDetail(report, false);
  return {
    ...NOTHING,
    facts: known.map(({ address }) => feedbackFact(report, 'suppressed', address, detail)),
  };
}

function complaintOf(address: string, { feedbackType }: ComplaintReport) {
  return { address, origin: 'complaint' as const, reason: feedbackType ?? 'complaint' };
}

function complaintDetail(report: ComplaintReport, isAmbiguous: boolean): FactDetail {
  const { feedbackId, feedbackType, subType, userAgent } = report;
  return {
    feedbackId,
    ...defined({ complaintFeedbackType: feedbackType, complaintSubType: subType, userAgent }),
    ...(isAmbiguous ? { isAmbiguous } : {}),
  };
}

/** Fact of a report, which may name several recipients: its feedback id and the recipient make a fact. */
function feedbackFact(
  { mail, occurredAt, feedbackId }: BounceReport | ComplaintReport,
  kind: Fact['kind'],
  recipient: string,
  detail: FactDetail,
): Fact {
  const { messageId, attempt, sesMessageId } = mail;
  return { messageId, kind, recipient, occurredAt, attempt, sesMessageId, discriminator: feedbackId, detail };
}
