import { dayOf } from '../../../shared/base/days.ts';
import type { Clock, Log } from '../../../shared/base/ports.ts';
import type { AccountReadings } from '../../../shared/pace/ports.ts';
import type { StreamStates } from '../../../shared/streams/ports.ts';
import type { Streams } from '../../../shared/streams/stream.ts';
import type { DedicatedPools } from '../../../shared/warm-up/ports.ts';

interface ReadPoolsDeps {
  readonly streams: Streams;
  readonly pools: DedicatedPools;
  readonly states: Pick<StreamStates, 'get' | 'setPoolIps' | 'startWarmUp'>;
  readonly accounts: Pick<AccountReadings, 'latest'>;
  readonly clock: Clock;
  readonly log: Pick<Log, 'error'>;
}

/**
 * Looks at one standard pool a run, and goes round them all. The first address begins the warm-up: until then its stream
 * stays on shared ones. SES's own warm-up would take mail from ours, so it is switched off whenever it is found on. What
 * fails is tried again in the next round; nothing waits for it.
 */
export function createReadPools(deps: ReadPoolsDeps): () => Promise<void> {
  const standard = deps.streams.all.flatMap(({ name, pool, poolName }) =>
    pool === 'standard' && poolName !== undefined ? [{ name, poolName }] : [],
  );
  let next = 0;

  return async () => {
    const stream = standard[next % Math.max(1, standard.length)];
    next += 1;
    if (stream === undefined) return;
    try {
      await readPool(stream, deps);
    } catch (error) {
      deps.log.error('pool_not_read', { stream: stream.name, error });
    }
  };
}

async function readPool(
  { name, poolName }: { readonly name: string; readonly poolName: string },
  { pools, states, accounts, clock }: ReadPoolsDeps,
): Promise<void> {
  const account = await accounts.latest();
  if (account?.isAutoWarmUpOn) await pools.stopAutoWarmUp();
  const found = await pools.ipsOf(poolName);
  for (const { ip, isWarmingUp } of found) if (isWarmingUp) await pools.endWarmUp(ip);
  const ips = found.map(({ ip }) => ip).sort();
  const { poolIps, warmUpStartedOn } = await states.get(name);
  const nowEpochMs = clock.nowEpochMs();
  if (ips.join() !== [...poolIps].sort().join()) await states.setPoolIps(name, ips, nowEpochMs);
  if (ips.length > 0 && warmUpStartedOn === undefined)
    await states.startWarmUp(name, dayOf(nowEpochMs), { unlessStarted: true });
}
