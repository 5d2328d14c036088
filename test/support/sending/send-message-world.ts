import { composeSendMessage, type SendPace } from '../../../functions/send-message/compose-send-message.ts';
import { createMemoryGate } from '../../../functions/send-message/memory-gate.ts';
import type { SendJob } from '../../../shared/messages/contract/queue-body.ts';
import type { Message } from '../../../shared/messages/message.ts';
import type { Mailer } from '../../../shared/sending/mailer.ts';
import type { Streams } from '../../../shared/streams/stream.ts';
import { newStreamState } from '../../../shared/streams/stream-state.ts';
import { buildAccepted, MESSAGE_ID } from '../messages/delivery-builders.ts';
import { createDeliveryWorld } from '../messages/delivery-world.ts';
import { buildStreams } from '../streams/stream-builders.ts';
import { createMemoryTenants } from '../tenants/memory-tenants.ts';
import { freeToSend, SIGNING_SECRET, uncounted } from './free-to-send.ts';

export const LEASE_MS = 150_000;
export const EVIDENCE_WAIT_MS = 300_000;

export function buildJob(overrides: Partial<SendJob> = {}): SendJob {
  return {
    version: 2,
    messageId: MESSAGE_ID,
    tenant: 'default',
    stream: 'transactional',
    recipientDomains: ['example.net'],
    waits: 0,
    content: { kind: 'inline', content: { html: '<p>hi</p>', text: 'hi', headers: {}, attachments: [] } },
    ...overrides,
  };
}

/** `send-message` over memory; `runQueue` works what was requeued, letting its delays pass. */
export function createSendWorld(
  rows: readonly Message[] = [buildAccepted()],
  streams: Streams = buildStreams(),
) {
  const world = createDeliveryWorld(rows);
  const paused = new Map<string, number>();
  const tenants = createMemoryTenants();
  const pacer = { ...freeToSend.pacer };
  const hooks = { onSleep: (_ms: number) => {}, onSend: async () => {} };
  const mailer: Mailer = {
    async send(mail) {
      await hooks.onSend();
      return world.mailer.send(mail);
    },
  };
  const counted: { readonly tenant: string; readonly stream: string; readonly recipients: number }[] = [];
  const streamStates: SendPace['streamStates'] = {
    async find(name) {
      const sinceEpochMs = paused.get(name);
      const pause = sinceEpochMs === undefined ? {} : { status: 'paused' as const, sinceEpochMs };
      return { ...newStreamState(name), ...pause };
    },
  };
  const send = composeSendMessage({
    stores: world,
    pace: { ...freeToSend, streamStates, pacer, tenants, sleep: async (ms) => hooks.onSleep(ms) },
    mail: {
      ...uncounted,
      mailer,
      signingKeys: {
        async current() {
          world.reach('signingKey');
          return SIGNING_SECRET;
        },
      },
      countSent: ({ tenant, stream }, recipients) => void counted.push({ tenant, stream, recipients }),
    },
    limits: { leaseMs: LEASE_MS, attemptMs: 1_000, messageKeepDays: 30 },
    memory: createMemoryGate(1_000, () => {}),
    streams,
    clock: world.clock,
    ids: world.ids,
    jitter: () => 1,
    log: world.log,
  });
  const receive = (job: SendJob, remainingMs = 60_000) => send(job, { remainingMs: () => remainingMs });
  const runQueue = async () => {
    for (let next = world.queue.queued.shift(); next !== undefined; next = world.queue.queued.shift()) {
      world.clock.now += (next.delaySeconds ?? 0) * 1000;
      await receive(next.job);
    }
  };
  const row = () => {
    const message = world.messages.rows.get(MESSAGE_ID);
    if (message === undefined) throw new Error('no such message');
    return message;
  };
  return Object.assign(hooks, { ...world, pacer, paused, tenants, counted, receive, runQueue, row });
}
