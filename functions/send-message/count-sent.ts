import type { Log } from '../../shared/domain/ports.ts';
import type { ReputationCounter } from '../../shared/domain/reputation-counter.ts';
import { subjectOf } from '../../shared/domain/stream-guard.ts';
import type { Reputation } from './settle-attempt.ts';

/** Mail that left, by recipients: what bounces and complaints are measured against. */
export function createReputation(counter: ReputationCounter, log: Pick<Log, 'error'>): Reputation {
  return {
    async countSent(stream, recipients, mailSentAtEpochMs) {
      const sent = Array.from({ length: recipients }, () => ({ kind: 'sent', mailSentAtEpochMs }) as const);
      counter.count(subjectOf(stream), ...sent);
      try {
        await counter.flush();
      } catch (error) {
        log.error('sent_not_counted', { error });
      }
    },
  };
}
