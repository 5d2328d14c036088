import type { AdmitDeps } from '../../functions/send-message/admit-job.ts';
import type { SettleDeps } from '../../functions/send-message/settle-attempt.ts';
import { newStreamState } from '../../shared/domain/stream-state.ts';

/** Every stream is active and the rate has room for everybody. */
export const freeToSend: Omit<AdmitDeps, 'streams' | 'clock'> & Pick<SettleDeps, 'reputation'> = {
  streamStates: { find: async (name) => newStreamState(name) },
  tenants: { find: async (name) => ({ name, status: 'active' }) },
  pacer: { take: async () => ({ kind: 'now', afterMs: 0 }) },
  allowance: { take: async () => ({ kind: 'dedicated', reason: 'no_plan' }), isUsedUp: () => false },
  providers: { find: async () => 'rest' },
  sleep: async () => {},
  reputation: { countSent: () => {} },
};
