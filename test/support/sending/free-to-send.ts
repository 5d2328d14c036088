import type { SendMail, SendPace } from '../../../functions/send-message/compose-send-message.ts';
import { newStreamState } from '../../../shared/streams/stream-state.ts';

export const SIGNING_SECRET = Buffer.alloc(32, 5).toString('base64');

/** Every stream is active and the rate has room for every mail. */
export const freeToSend: SendPace = {
  streamStates: { find: async (name) => newStreamState(name) },
  tenants: { find: async (name) => ({ name, status: 'active' }) },
  pacer: { take: async () => ({ kind: 'now', afterMs: 0, perSecond: 1_000 }) },
  allowance: { take: async () => ({ kind: 'dedicated', reason: 'no_plan' }), isUsedUp: () => false },
  providers: { find: async () => 'rest' },
  sleep: async () => {},
  window: { run: (_mail, send) => send() },
};

export const uncounted: Omit<SendMail, 'mailer'> = {
  countSent: () => {},
  signingKeys: { current: async () => SIGNING_SECRET },
  publicUrl: 'https://api.example.com',
};
