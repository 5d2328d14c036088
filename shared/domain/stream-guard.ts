import type { BounceReport, ComplaintReport } from './delivery-report.ts';
import { decideGuard, type SendingEvent, totalOf } from './guard.ts';
import type { Clock, Log } from './ports.ts';
import type { ReputationCounter } from './reputation-counter.ts';
import type { ReputationSubject, StreamStates } from './sending-ports.ts';
import type { Streams } from './stream.ts';

export interface StreamGuardDeps {
  readonly counter: ReputationCounter;
  readonly streams: Streams;
  readonly streamStates: Pick<StreamStates, 'pause'>;
  readonly clock: Clock;
  readonly log: Pick<Log, 'warn' | 'count'>;
}

export const subjectOf = (stream: string): ReputationSubject => `stream#${stream}`;

/**
 * Writes what was counted, and pauses each stream whose counts have reached its line.
 * @throws what the stores throw; what was counted is written the next time
 */
export async function judgeStreams(deps: StreamGuardDeps): Promise<void> {
  const { counter, streams, streamStates, clock, log } = deps;
  const judged = (await counter.flush()).map(({ subject, window }) => {
    const stream = streams.of(subject.slice(subject.indexOf('#') + 1));
    return { stream: stream.name, decision: decideGuard(totalOf(window), stream.guard) };
  });
  for (const { stream, decision } of judged.filter((each) => each.decision.kind !== 'ok')) {
    if (decision.kind === 'warn') log.count('StreamsNearGuardLine', 1);
    const pause = { by: 'guard', reason: decision.reason, nowEpochMs: clock.nowEpochMs() } as const;
    const isNew = decision.kind === 'pause' && (await streamStates.pause(stream, pause));
    if (isNew) log.warn('stream_paused', { stream, reason: decision.reason.split(':', 1)[0] });
  }
}

/**
 * What a report says about our sending, as AWS counts it: hard bounces by the recipient's server or SES's global list, and
 * one complaint, whoever of several it came from.
 * @param newFacts how many facts of the report were not known before
 */
export function sendingEventsOf(report: BounceReport | ComplaintReport, newFacts: number): SendingEvent[] {
  const mailSentAtEpochMs = report.mail.takenAtEpochMs;
  if (report.kind === 'bounce') {
    const counts = report.bounceType === 'Permanent' && report.refusedBy !== 'account';
    return Array.from({ length: counts ? newFacts : 0 }, () => ({ kind: 'bounced', mailSentAtEpochMs }));
  }
  const isComplaint = report.meaning === 'complaint' && newFacts > 0;
  return isComplaint ? [{ kind: 'complained', mailSentAtEpochMs }] : [];
}
