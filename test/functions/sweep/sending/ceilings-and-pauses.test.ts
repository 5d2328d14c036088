import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createAdjustCeilings } from '../../../../functions/sweep/sending/adjust-ceilings.ts';
import { createWatchPauses } from '../../../../functions/sweep/sending/watch-pauses.ts';
import { EMPTY_PACE, type PaceState } from '../../../../shared/pace/pace-state.ts';
import type { SignalsByProvider } from '../../../../shared/pace/ports.ts';
import { newStreamState, type StreamState } from '../../../../shared/streams/stream-state.ts';
import { buildStreams } from '../../../support/streams/stream-builders.ts';

const NOON = Date.parse('2026-11-23T12:00:00Z');
const TROUBLE: SignalsByProvider = { gmail: { delayed: 50, delivered: 50 } };
const QUIET: SignalsByProvider = { gmail: { delayed: 0, delivered: 100 } };

function aPace() {
  const clock = { now: NOON, nowEpochMs: () => clock.now };
  const logged: string[] = [];
  const world = { signals: {} as SignalsByProvider, state: EMPTY_PACE as PaceState, writes: 0 };
  const adjust = createAdjustCeilings({
    reports: {
      async take() {
        const taken = world.signals;
        world.signals = {};
        return taken;
      },
    },
    pace: {
      async change(decide) {
        const { answer, state } = decide(world.state);
        if (state !== undefined) {
          world.state = state;
          world.writes += 1;
        }
        return answer;
      },
    },
    accounts: {
      latest: async () => ({
        ...{ maxSendRate: 101, max24HourSend: -1, sentLast24Hours: 0 },
        readAtEpochMs: NOON,
      }),
    },
    clock,
    log: { error: (event) => void logged.push(event) },
  });
  const minute = async (signals: SignalsByProvider) => {
    world.signals = signals;
    clock.now += 60_000;
    await adjust();
    return world.state.providers.gmail?.recipientsPerSecond;
  };
  return { world, minute, logged };
}

describe('what the sweep makes of reports about providers', () => {
  test('a provider that defers gets half, comes back by and by, and others are left alone', async () => {
    const { world, minute } = aPace();
    const most = 101 * 0.95 - 0.05;
    assert.equal(await minute(QUIET), undefined);
    assert.equal(world.writes, 0, 'nothing to say is nothing to write');
    assert.equal(await minute(TROUBLE), most / 2);
    assert.deepEqual(Object.keys(world.state.providers), ['gmail']);
    const seen: (number | undefined)[] = [];
    for (let quiet = 0; quiet < 12; quiet++) seen.push(await minute({}));
    assert.ok(Math.abs((seen[0] ?? 0) - most * 0.55) < 0.001, `${seen[0]}`);
    assert.equal(seen.at(-1), undefined, 'free again');
    const { writes } = world;
    await minute({});
    assert.equal(world.writes, writes);
  });

  test('reports about providers leave leases and counts of the pace as they are', async () => {
    const { world, minute } = aPace();
    const lease = { leaseId: 'w', stream: 's', recipientsPerSecond: 1, wantedPerSecond: 1, untilEpochMs: 1 };
    world.state = { ...EMPTY_PACE, leases: [lease] };
    await minute(TROUBLE);
    assert.deepEqual(world.state.leases, [lease]);
  });
});

describe('what the sweep says of paused streams', () => {
  const watch = async (states: Readonly<Record<string, Partial<StreamState>>>) => {
    const counted: [string, number][] = [];
    await createWatchPauses({
      streams: buildStreams(),
      tenants: { list: async () => [] },
      states: { get: async (name) => ({ ...newStreamState(name), ...states[name] }) },
      log: { warn: () => {}, error: () => {}, count: (...metric) => void counted.push(metric) },
    })();
    return counted;
  };

  test('counts the streams that the guard holds, and nothing while it holds none', async () => {
    assert.deepEqual(await watch({}), []);
    assert.deepEqual(await watch({ broadcast: { status: 'paused', pausedBy: 'guard' } }), [
      ['StreamsPausedByGuard', 1],
    ]);
  });

  test('leaves alone a stream that a person has paused', async () => {
    assert.deepEqual(await watch({ broadcast: { status: 'paused', pausedBy: 'operator' } }), []);
  });
});
