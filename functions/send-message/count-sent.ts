import type { ReputationCounter } from '../../shared/reputation/services/reputation-counter.ts';
import { subjectsOf } from '../../shared/reputation/services/sending-guard.ts';
import type { Reputation } from './settle-attempt.ts';

/** Mail that left, by recipients: what bounces and complaints are measured against. */
export const createReputation = (counter: Pick<ReputationCounter, 'count'>): Reputation => ({
  countSent({ tenant, stream }, recipients, mailSentAtEpochMs) {
    const sent = Array.from({ length: recipients }, () => ({ kind: 'sent', mailSentAtEpochMs }) as const);
    for (const subject of subjectsOf(tenant, stream)) counter.count(subject, ...sent);
  },
});
