import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createReadPools } from '../../../../functions/sweep/sending/read-pools.ts';
import { newStreamState, type StreamState } from '../../../../shared/streams/stream-state.ts';
import { aStream, buildStreams } from '../../../support/streams/stream-builders.ts';

const NOON = Date.parse('2026-11-23T12:00:00Z');

const standard = (name: string) => aStream({ name, pool: 'standard', poolName: `${name}-pool` });

function aWorld(
  ipsOf: (poolName: string) => Promise<readonly string[]>,
  { isAutoWarmUpOn = false }: { readonly isAutoWarmUpOn?: boolean } = {},
) {
  const states = new Map<string, StreamState>();
  const written: string[] = [];
  const logged: string[] = [];
  const stateOf = (name: string) => states.get(name) ?? newStreamState(name);
  const read = createReadPools({
    streams: buildStreams([aStream(), standard('news'), standard('offers')]),
    pools: {
      ipsOf: async (poolName) => (await ipsOf(poolName)).map((ip) => ({ ip, isWarmingUp: isAutoWarmUpOn })),
      stopAutoWarmUp: async () => void written.push('auto warm-up off'),
      endWarmUp: async (ip) => void written.push(`${ip} warm`),
    },
    accounts: {
      latest: async () => ({
        ...{ maxSendRate: 14, max24HourSend: 50_000, sentLast24Hours: 0, readAtEpochMs: NOON },
        isAutoWarmUpOn,
      }),
    },
    states: {
      get: async (name) => stateOf(name),
      setPoolIps: async (name, poolIps) => {
        written.push(`${name} ${poolIps.join()}`);
        states.set(name, { ...stateOf(name), poolIps });
      },
      startWarmUp: async (name, warmUpStartedOn) => {
        written.push(`${name} ${warmUpStartedOn}`);
        states.set(name, { ...stateOf(name), warmUpStartedOn });
      },
    },
    clock: { nowEpochMs: () => NOON },
    log: { error: (event) => void logged.push(event) },
  });
  return { read, written, logged };
}

describe('the look at dedicated pools', () => {
  test('begins the warm-up with the first address, and writes again only what is new', async () => {
    const asked: string[] = [];
    const world = aWorld(async (poolName) => {
      asked.push(poolName);
      return poolName === 'news-pool' ? ['192.0.2.2', '192.0.2.1'] : [];
    });
    for (let run = 0; run < 4; run += 1) await world.read();
    assert.deepEqual(asked, ['news-pool', 'offers-pool', 'news-pool', 'offers-pool']);
    assert.deepEqual(world.written, ['news 192.0.2.1,192.0.2.2', 'news 2026-11-23']);
  });

  test("switches SES's own warm-up off, for the account and for addresses that are in it", async () => {
    const world = aWorld(async () => ['192.0.2.1'], { isAutoWarmUpOn: true });
    await world.read();
    assert.deepEqual(world.written, [
      'auto warm-up off',
      '192.0.2.1 warm',
      'news 192.0.2.1',
      'news 2026-11-23',
    ]);
  });

  test('goes on with the next pool after one that could not be read', async () => {
    const world = aWorld(async (poolName) => {
      if (poolName === 'news-pool') throw new Error('throttled');
      return ['192.0.2.3'];
    });
    await world.read();
    await world.read();
    assert.deepEqual(world.logged, ['pool_not_read']);
    assert.deepEqual(world.written, ['offers 192.0.2.3', 'offers 2026-11-23']);
  });
});
