import type { Clock, Log } from '../../base/ports.ts';
import { OPERATOR_TENANT } from '../../base/tenant-name.ts';
import type { BounceReport, ComplaintReport } from '../../feedback/delivery-report.ts';
import type { StreamStates } from '../../streams/ports.ts';
import type { Streams } from '../../streams/stream.ts';
import type { Tenants } from '../../tenants/ports.ts';
import { decideGuard, type SendingEvent, totalOf } from '../guard.ts';
import type { ReputationSubject } from '../ports.ts';
import type { Counted, ReputationCounter } from './reputation-counter.ts';

export interface SendingGuardDeps {
  readonly counter: ReputationCounter;
  readonly streams: Streams;
  readonly streamStates: Pick<StreamStates, 'pause'>;
  readonly tenants: Pick<Tenants, 'pause'>;
  readonly clock: Clock;
  readonly log: Pick<Log, 'warn' | 'count'>;
}

export const streamSubject = (stream: string): ReputationSubject => `stream#${stream}`;
export const tenantSubject = (tenant: string): ReputationSubject => `tenant#${tenant}`;

/**
 * Subjects whose counts a mail is in: its stream's, and its tenant's unless that is the operator, who is all
 * of it.
 */
export const subjectsOf = (tenant: string, stream: string): readonly ReputationSubject[] => [
  streamSubject(stream),
  ...(tenant === OPERATOR_TENANT ? [] : [tenantSubject(tenant)]),
];

/**
 * Writes what was counted, and pauses each stream and tenant whose counts have reached its line.
 * @throws what the stores throw; what was not written or judged is the next time
 */
export const judgeSending = (deps: SendingGuardDeps): Promise<void> =>
  deps.counter.flush((counted) => judge(counted, deps));

async function judge({ subject, window }: Counted, deps: SendingGuardDeps): Promise<void> {
  const { clock, log } = deps;
  const { name, lines, pauses } = judged(subject, deps);
  const decision = decideGuard(totalOf(window), lines);
  if (decision.kind === 'warn') log.count('StreamsNearGuardLine', 1);
  const pause = { by: 'guard', reason: decision.reason, nowEpochMs: clock.nowEpochMs() } as const;
  const isNew = decision.kind === 'pause' && (await pauses.pause(name, pause));
  if (isNew) log.warn('paused_by_guard', { subject, reason: decision.reason.split(':', 1)[0] });
}

function judged(subject: ReputationSubject, { streams, streamStates, tenants }: SendingGuardDeps) {
  const name = subject.slice(subject.indexOf('#') + 1);
  const stream = streams.byName(name);
  return subject.startsWith('tenant#')
    ? { name, lines: streams.tenants?.guard ?? stream.guard, pauses: tenants }
    : { name: stream.name, lines: stream.guard, pauses: streamStates };
}

/**
 * Events that a report is about our sending, as AWS counts it: hard bounces by the recipient's server or
 * SES's global list, and one complaint, from any of several recipients.
 * @param newFacts how many facts of the report were not known before
 */
export function sendingEventsOf(report: BounceReport | ComplaintReport, newFacts: number): SendingEvent[] {
  const mailSentAtEpochMs = report.mail.sentAtEpochMs;
  if (report.kind === 'bounce') {
    const counts = report.bounceType === 'Permanent' && report.refusedBy !== 'account';
    return Array.from({ length: counts ? newFacts : 0 }, () => ({ kind: 'bounced', mailSentAtEpochMs }));
  }
  const isComplaint = report.meaning === 'complaint' && newFacts > 0;
  return isComplaint ? [{ kind: 'complained', mailSentAtEpochMs }] : [];
}
