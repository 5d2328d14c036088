import type { Log } from '../../shared/domain/ports.ts';
import type { ReputationCounter } from '../../shared/domain/reputation-counter.ts';
import { subjectsOf } from '../../shared/domain/stream-guard.ts';
import type { Reputation } from './settle-attempt.ts';

/** Mail that left, by recipients: what bounces and complaints are measured against. */
export function createReputation(counter: ReputationCounter, log: Pick<Log, 'error'>): Reputation {
  return {
    async countSent({ tenant, stream }, recipients, mailSentAtEpochMs) {
      const sent = Array.from({ length: recipients }, () => ({ kind: 'sent', mailSentAtEpochMs }) as const);
      for (const subject of subjectsOf(tenant, stream)) counter.count(subject, ...sent);
      try {
        await counter.flush();
      } catch (error) {
        log.error('sent_not_counted', { error });
      }
    },
  };
}
