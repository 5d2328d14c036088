import type { AdmitDeps } from '../../../functions/send-message/admit-job.ts';
import type { SendMessageDeps } from '../../../functions/send-message/send-message.ts';
import type { SettleDeps } from '../../../functions/send-message/settle-attempt.ts';
import { newStreamState } from '../../../shared/streams/stream-state.ts';

export const SIGNING_SECRET = Buffer.alloc(32, 5).toString('base64');

/** Every stream is active and the rate has room for everybody. */
export const freeToSend: Omit<AdmitDeps, 'streams' | 'clock'> &
  Pick<SettleDeps, 'reputation'> &
  Pick<SendMessageDeps, 'window' | 'signingKeys' | 'publicUrl'> = {
  streamStates: { find: async (name) => newStreamState(name) },
  tenants: { find: async (name) => ({ name, status: 'active' }) },
  pacer: { take: async () => ({ kind: 'now', afterMs: 0, perSecond: 1_000 }) },
  allowance: { take: async () => ({ kind: 'dedicated', reason: 'no_plan' }), isUsedUp: () => false },
  providers: { find: async () => 'rest' },
  sleep: async () => {},
  window: { run: (_mail, send) => send() },
  reputation: { countSent: () => {} },
  signingKeys: { current: async () => SIGNING_SECRET },
  publicUrl: 'https://api.example.com',
};
