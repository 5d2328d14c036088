import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type AdmitDeps, admitJob } from '../../../functions/send-message/admit-job.ts';
import type { PacedMail } from '../../../shared/domain/spacing.ts';
import { newStreamState, type StreamState } from '../../../shared/domain/stream-state.ts';
import type { Turn } from '../../../shared/domain/time-line.ts';
import { buildJob } from '../../support/send-message-world.ts';
import { buildStreams } from '../../support/stream-builders.ts';

function aWorld({
  state = {},
  turn = { kind: 'now', afterMs: 40 } as Turn,
}: {
  state?: Partial<StreamState>;
  turn?: Turn;
} = {}) {
  const taken: [string, PacedMail][] = [];
  const slept: number[] = [];
  const deps: AdmitDeps = {
    streams: buildStreams(),
    streamStates: { find: async (name) => ({ ...newStreamState(name), ...state }) },
    pacer: {
      take: async (stream, mail) => {
        taken.push([stream, mail]);
        return turn;
      },
    },
    sleep: async (ms) => void slept.push(ms),
  };
  return { taken, slept, admit: (overrides = {}) => admitJob(buildJob(overrides), deps) };
}

describe('a job before its claim', () => {
  test('waits for its slot and goes', async () => {
    const world = aWorld();
    assert.deepEqual(await world.admit({ recipientDomains: ['gmail.com', 'googlemail.com'] }), {
      kind: 'now',
    });
    assert.deepEqual(world.taken, [['transactional', { recipients: 2, provider: 'gmail' }]]);
    assert.deepEqual(world.slept, [40]);
  });

  test('of several providers is held back by none of them', async () => {
    const world = aWorld();
    await world.admit({ recipientDomains: ['gmail.com', 'outlook.com', 'example.org'] });
    assert.deepEqual(world.taken, [['transactional', { recipients: 3 }]]);
  });

  test('of an earlier version counts as one recipient', async () => {
    const world = aWorld();
    await world.admit();
    assert.deepEqual(world.taken, [['transactional', { recipients: 1 }]]);
  });

  test('comes back where the rate has no room', async () => {
    const turn = { kind: 'later', delaySeconds: 30, reason: 'send_rate' } as const;
    assert.deepEqual(await aWorld({ turn }).admit(), turn);
  });

  test('takes no slot while its stream is paused', async () => {
    const world = aWorld({ state: { status: 'paused', reason: 'bounces' } });
    const admission = await world.admit({ stream: 'broadcast' });
    assert.deepEqual(admission, { kind: 'later', delaySeconds: 60, reason: 'stream_paused' });
    assert.deepEqual(world.taken, []);
  });
});
