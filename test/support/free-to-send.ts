import type { AdmitDeps } from '../../functions/send-message/admit-job.ts';
import { newStreamState } from '../../shared/domain/stream-state.ts';

/** Every stream is active and the rate has room for everybody. */
export const freeToSend: Omit<AdmitDeps, 'streams'> = {
  streamStates: { find: async (name) => newStreamState(name) },
  pacer: { take: async () => ({ kind: 'now', afterMs: 0 }) },
  sleep: async () => {},
};
