import { isIPv4 } from 'node:net';
import { keep, readKept } from '../../host/kept-file.ts';
import { SesError } from '../error.ts';

export interface DedicatedIpPool {
  readonly name: string;
  readonly scalingMode: 'STANDARD' | 'MANAGED';
}

export interface DedicatedIp {
  readonly ip: string;
  readonly pool: string;
  /** Percentage from 0 to 100. Nothing warms by itself here: only `warm` moves it. */
  readonly warmupPercentage: number;
}

export interface DedicatedIps {
  pools(): readonly DedicatedIpPool[];
  /** @throws SesError NotFoundException */
  requirePool(name: string): DedicatedIpPool;
  /** Addresses of one pool, or all of the account. */
  ips(pool?: string): readonly DedicatedIp[];
  /** Leases an address of the account into a standard pool, as after a support case. */
  lease(pool: string, ip: string): DedicatedIp;
  /** @throws SesError NotFoundException for an address that is not leased */
  release(ip: string): void;
  move(ip: string, pool: string): void;
  warm(ip: string, percentage: number): void;
  readonly isAutoWarmup: () => boolean;
  setAutoWarmup(isEnabled: boolean): void;
}

interface Kept {
  readonly isAutoWarmup: boolean;
  readonly ips: readonly DedicatedIp[];
}

/** Every account has these two and may send through them without an address of its own. */
export const ACCOUNT_POOLS: ReadonlySet<string> = new Set(['ses-shared-pool', 'ses-default-dedicated-pool']);

/** The pools of the template with the addresses that were leased; automatic warm-up is on in a new account. */
export function createDedicatedIps(pools: readonly DedicatedIpPool[], file?: string): DedicatedIps {
  const poolsByName = new Map(pools.map((pool) => [pool.name, pool]));
  const kept = readKept<Kept>(file, { isAutoWarmup: true, ips: [] });
  const byIp = new Map(kept.ips.map((each) => [each.ip, each]));
  let { isAutoWarmup } = kept;
  const save = () => keep(file, { isAutoWarmup, ips: [...byIp.values()] } satisfies Kept);
  const put = (each: DedicatedIp): DedicatedIp => {
    byIp.set(each.ip, each);
    save();
    return each;
  };

  const requirePool = (name: string): DedicatedIpPool => {
    const pool = poolsByName.get(name);
    if (pool) return pool;
    throw new SesError('NotFoundException', `Dedicated IP pool <${name}> does not exist.`);
  };
  const requireStandard = (name: string): void => {
    if (requirePool(name).scalingMode === 'STANDARD') return;
    throw new SesError('BadRequestException', `Dedicated IP pool <${name}> is managed by Amazon SES.`);
  };
  const requireIp = (ip: string): DedicatedIp => {
    const found = byIp.get(ip);
    if (found) return found;
    throw new SesError('NotFoundException', `Dedicated IP <${ip}> does not exist.`);
  };

  return {
    pools: () => pools,
    requirePool,
    ips: (pool) => [...byIp.values()].filter((each) => pool === undefined || each.pool === pool),
    lease: (pool, ip) => {
      requireStandard(pool);
      if (!isIPv4(ip)) throw new SesError('BadRequestException', `<${ip}> is not an IPv4 address.`);
      return put({ ip, pool, warmupPercentage: isAutoWarmup ? 0 : 100 });
    },
    release: (ip) => {
      byIp.delete(requireIp(ip).ip);
      save();
    },
    move: (ip, pool) => {
      requireStandard(pool);
      put({ ...requireIp(ip), pool });
    },
    warm: (ip, warmupPercentage) => {
      if (!(warmupPercentage >= 0 && warmupPercentage <= 100))
        throw new SesError('BadRequestException', 'WarmupPercentage must be from 0 to 100.');
      put({ ...requireIp(ip), warmupPercentage });
    },
    isAutoWarmup: () => isAutoWarmup,
    setAutoWarmup: (isEnabled) => {
      isAutoWarmup = isEnabled;
      save();
    },
  };
}

/**
 * Throws where a set's mail has no address to leave from: it "is sent using only the dedicated IP addresses that
 * belong to that pool" (SES guide, "Assigning IP pools"). What SES answers then is not documented.
 */
export function assertCanSend(dedicatedIps: DedicatedIps, poolName: string): void {
  if (poolName === '' || ACCOUNT_POOLS.has(poolName)) return;
  const pool = dedicatedIps.requirePool(poolName);
  if (pool.scalingMode === 'MANAGED' || dedicatedIps.ips(poolName).length > 0) return;
  throw new SesError('MessageRejected', `Dedicated IP pool <${poolName}> has no dedicated IP addresses.`);
}
