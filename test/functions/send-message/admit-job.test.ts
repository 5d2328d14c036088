import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type AdmitDeps, createAdmitJob } from '../../../functions/send-message/admit-job.ts';
import { type CheckPauseDeps, createCheckPause } from '../../../functions/send-message/check-job.ts';
import type { PacedMail } from '../../../shared/pace/spacing.ts';
import type { Turn } from '../../../shared/pace/time-line.ts';
import type { Streams } from '../../../shared/streams/stream.ts';
import { newStreamState, type StreamState } from '../../../shared/streams/stream-state.ts';
import { createAllowance } from '../../../shared/warm-up/services/allowance.ts';
import { buildJob } from '../../support/sending/send-message-world.ts';
import { aStream, buildStreams } from '../../support/streams/stream-builders.ts';

/** An hour before midnight by UTC. */
const LATE_EVENING = Date.parse('2026-11-23T23:00:00Z');

const news = aStream({
  ...{ name: 'news', kind: 'broadcast', pool: 'standard', configurationSet: 'own' },
  ...{ sharedConfigurationSet: 'shared', overflowConfigurationSet: 'overflow' },
  warmUp: { plan: [3], waits: false },
});
const withAddress = { poolIps: ['192.0.2.1'], warmUpStartedOn: '2026-11-23' };

interface Options {
  readonly state?: Partial<StreamState>;
  readonly turn?: Turn;
  readonly streams?: Streams;
}

function aWorld({
  state = {},
  turn = { kind: 'now', afterMs: 40, perSecond: 7 },
  streams = buildStreams(),
}: Options = {}) {
  const clock = { nowEpochMs: () => LATE_EVENING };
  let left = 3;
  const taken: [string, PacedMail][] = [];
  const slept: number[] = [];
  const world = { state: { ...state }, onSleep: () => {} };
  const streamStates: AdmitDeps['streamStates'] = {
    find: async (name) => ({ ...newStreamState(name), ...world.state }),
  };
  const tenants: CheckPauseDeps['tenants'] = { find: async (name) => ({ name, status: 'active' }) };
  const checkPause = createCheckPause({ streams, streamStates, tenants, clock });
  const admitJob = createAdmitJob({
    streams,
    streamStates,
    checkPause,
    pacer: {
      take: async (stream, mail) => {
        taken.push([stream, mail]);
        return turn;
      },
    },
    allowance: createAllowance({
      clock,
      ledger: {
        lease: async (_day, need) => {
          if (need > left) return { kind: 'used-up', left };
          left -= need;
          return { kind: 'leased', recipients: need };
        },
        countOverflow: async () => {},
      },
    }),
    providers: { find: async () => 'rest' },
    clock,
    async sleep(ms) {
      slept.push(ms);
      world.onSleep();
    },
  });
  /** As the walk asks: whether it is paused, and then for its slot. */
  const admit = async (overrides = {}) => {
    const job = buildJob(overrides);
    const pause = await checkPause(job);
    return pause.kind === 'send' ? admitJob(job) : pause;
  };
  return Object.assign(world, { taken, slept, admit });
}

describe('a job before its claim', () => {
  test('a job waits for its slot and goes', async () => {
    const world = aWorld();
    assert.deepEqual(await world.admit({ recipientDomains: ['gmail.com', 'googlemail.com'] }), {
      ...{ kind: 'send', configurationSet: 'transactional', sendAtEpochMs: LATE_EVENING + 40, perSecond: 7 },
    });
    assert.deepEqual(world.taken, [['transactional', { recipients: 2, provider: 'gmail' }]]);
    assert.deepEqual(world.slept, [0]);
  });

  test('a slot that is further away is waited for, but for a little', async () => {
    const world = aWorld({ turn: { kind: 'now', afterMs: 5_000, perSecond: 7 } });
    const admission = await world.admit();
    assert.ok(admission.kind === 'send');
    assert.deepEqual([admission.sendAtEpochMs, world.slept], [LATE_EVENING + 5_000, [4_850]]);
  });

  test('a mail to several providers waits for the largest of them', async () => {
    const world = aWorld();
    await world.admit({ recipientDomains: ['gmail.com', 'outlook.com', 'example.org'] });
    assert.deepEqual(world.taken, [['transactional', { recipients: 3, provider: 'gmail' }]]);
  });

  test('counts as one recipient where it names none', async () => {
    const world = aWorld();
    await world.admit({ recipientDomains: [] });
    assert.deepEqual(world.taken, [['transactional', { recipients: 1 }]]);
  });

  test('a job comes back where the rate has no room', async () => {
    const turn = { kind: 'later', delaySeconds: 30, reason: 'send_rate' } as const;
    const now = { scheduledAtEpochMs: LATE_EVENING };
    assert.deepEqual(await aWorld({ turn }).admit(now), { ...turn, kind: 'requeue' });
  });

  test('a job waits outside of the queue once it has waited there for an hour', async () => {
    const turn = { kind: 'later', delaySeconds: 30, reason: 'daily_quota' } as const;
    const admission = await aWorld({ turn }).admit({ scheduledAtEpochMs: LATE_EVENING - 3_600_000 });
    const untilEpochMs = LATE_EVENING + 30 * 60_000;
    assert.deepEqual(admission, { kind: 'defer', untilEpochMs, reason: turn.reason });
  });

  test('a job takes no slot while its stream is paused', async () => {
    const pausedFor = async (ms: number) => {
      const sinceEpochMs = LATE_EVENING - ms;
      const world = aWorld({ state: { status: 'paused', reason: 'bounces', sinceEpochMs } });
      const admission = await world.admit({ stream: 'broadcast' });
      assert.deepEqual(world.taken, []);
      const { kind, ...wait } = admission;
      return [kind, wait];
    };
    const copy = (delaySeconds: number) => ['requeue', { delaySeconds, reason: 'stream_paused' }];
    assert.deepEqual(await pausedFor(-2_000), copy(5), 'by a clock that is ahead');
    assert.deepEqual(await pausedFor(1_000), copy(5));
    assert.deepEqual(await pausedFor(600_000), copy(300));
    assert.deepEqual(await pausedFor(3_599_000), copy(900));
    const untilEpochMs = LATE_EVENING + 30 * 60_000;
    assert.deepEqual(await pausedFor(3_600_000), ['defer', { untilEpochMs, reason: 'stream_paused' }]);
  });

  test('a pause of its stream while it waits for its slot stops it', async () => {
    const world = aWorld();
    world.onSleep = () => Object.assign(world.state, { status: 'paused', sinceEpochMs: LATE_EVENING });
    const admission = await world.admit();
    assert.deepEqual(admission, { kind: 'requeue', delaySeconds: 5, reason: 'stream_paused' });
    assert.deepEqual(world.slept, [0]);
  });

  test('mail that waits for tomorrow takes no slot, once a worker knows that it must wait', async () => {
    const { overflowConfigurationSet: _none, ...stream } = { ...news, warmUp: { plan: [3], waits: true } };
    const world = aWorld({ streams: buildStreams([stream]), state: withAddress });
    for (let mail = 0; mail < 6; mail++) await world.admit({ stream: 'news', recipientDomains: ['a.org'] });
    assert.equal(world.taken.length, 4, 'three that went, and the one that found the day full');
  });

  test('mail leaves by its own pool up to the volume of the day, and by the overflow above it', async () => {
    const world = aWorld({ streams: buildStreams([news]), state: withAddress });
    const sets = [];
    for (const recipientDomains of [['a.org'], ['a.org'], ['a.org'], ['a.org']])
      sets.push(await world.admit({ stream: 'news', recipientDomains }));
    assert.deepEqual(
      sets.map((admission) =>
        'configurationSet' in admission ? admission.configurationSet : admission.kind,
      ),
      ['own', 'own', 'own', 'overflow'],
    );
  });

  test('mail leaves by shared addresses while its pool has none', async () => {
    const world = aWorld({ streams: buildStreams([news]) });
    const admission = await world.admit({ stream: 'news' });
    assert.equal('configurationSet' in admission && admission.configurationSet, 'shared');
  });

  test('mail waits for tomorrow where the overflow is to wait', async () => {
    const waiting = { ...news, warmUp: { plan: [0], waits: true } };
    const { overflowConfigurationSet: _none, ...stream } = waiting;
    const world = aWorld({ streams: buildStreams([stream]), state: withAddress });
    assert.deepEqual(
      await world.admit({ stream: 'news', recipientDomains: ['a.org', 'b.org', 'c.org', 'd.org'] }),
      {
        kind: 'defer',
        untilEpochMs: Date.parse('2026-11-24T00:00:00Z'),
        reason: 'allowance_used_up',
      },
    );
  });
});
