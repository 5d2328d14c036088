import type { ReputationCounter } from './reputation-counter.ts';
import { subjectsOf } from './sending-guard.ts';

/** Counts mail that left, by recipients: what bounces and complaints are measured against. */
export type CountSent = (
  mail: { readonly tenant: string; readonly stream: string },
  recipients: number,
  sentAtEpochMs: number,
) => void;

export const createCountSent =
  (counter: Pick<ReputationCounter, 'count'>): CountSent =>
  ({ tenant, stream }, recipients, mailSentAtEpochMs) => {
    const sent = Array.from({ length: recipients }, () => ({ kind: 'sent', mailSentAtEpochMs }) as const);
    for (const subject of subjectsOf(tenant, stream)) counter.count(subject, ...sent);
  };
