import { jsonResponse } from '../error.ts';
import { done, nameAfter, pageOf, parseBody, queryOf, type SesOperations } from '../operation.ts';
import type { DedicatedIp, DedicatedIps } from './dedicated-ips.ts';

/** Dedicated IP pools and addresses as SESv2 answers for them. */
export const dedicatedIpOperations = (dedicatedIps: DedicatedIps): SesOperations => ({
  ListDedicatedIpPools: ({ url }) => {
    const names = dedicatedIps.pools().map(({ name }) => name);
    const { items, ...token } = pageOf(names, Object.fromEntries(queryOf(url)));
    return jsonResponse(200, { DedicatedIpPools: items, ...token });
  },

  GetDedicatedIpPool: ({ url }) => {
    const { name, scalingMode } = dedicatedIps.requirePool(nameAfter('dedicated-ip-pools', url));
    return jsonResponse(200, { DedicatedIpPool: { PoolName: name, ScalingMode: scalingMode } });
  },

  GetDedicatedIps: ({ url }) => {
    const query = queryOf(url);
    const pool = query.get('PoolName') ?? undefined;
    if (pool !== undefined) dedicatedIps.requirePool(pool);
    const { items, ...token } = pageOf(dedicatedIps.ips(pool), Object.fromEntries(query));
    return jsonResponse(200, { DedicatedIps: items.map(describe), ...token });
  },

  PutDedicatedIpInPool: (request) => {
    const { DestinationPoolName } = parseBody(request);
    dedicatedIps.move(nameAfter('dedicated-ips', request.url), String(DestinationPoolName ?? ''));
    return done();
  },

  PutDedicatedIpWarmupAttributes: (request) => {
    const { WarmupPercentage } = parseBody(request);
    dedicatedIps.warm(nameAfter('dedicated-ips', request.url), Number(WarmupPercentage));
    return done();
  },

  PutAccountDedicatedIpWarmupAttributes: (request) => {
    dedicatedIps.setAutoWarmup(parseBody(request).AutoWarmupEnabled === true);
    return done();
  },
});

const describe = ({ ip, pool, warmupPercentage }: DedicatedIp) => ({
  Ip: ip,
  WarmupStatus: warmupPercentage === 100 ? 'DONE' : 'IN_PROGRESS',
  WarmupPercentage: warmupPercentage,
  PoolName: pool,
});
