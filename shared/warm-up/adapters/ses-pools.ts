import {
  GetDedicatedIpsCommand,
  PutAccountDedicatedIpWarmupAttributesCommand,
  PutDedicatedIpWarmupAttributesCommand,
  type SESv2ClientConfig,
} from '@aws-sdk/client-sesv2';
import { createSesControlClient } from '../../base/adapters/ses-control-client.ts';
import type { DedicatedPools } from '../ports.ts';

/** Addresses of one answer; a pool with more addresses has some all the same. */
const PAGE = 100;

/** Dedicated addresses (API reference, `GetDedicatedIps`, `Put…DedicatedIpWarmupAttributes`). */
export function createSesPools(config: SESv2ClientConfig = {}): DedicatedPools {
  const client = createSesControlClient(config);
  return {
    async ipsOf(PoolName) {
      const { DedicatedIps = [] } = await client.send(
        new GetDedicatedIpsCommand({ PoolName, PageSize: PAGE }),
      );
      return DedicatedIps.flatMap(({ Ip, WarmupStatus }) =>
        Ip === undefined ? [] : [{ ip: Ip, isWarmingUp: WarmupStatus === 'IN_PROGRESS' }],
      );
    },

    async stopAutoWarmUp() {
      await client.send(new PutAccountDedicatedIpWarmupAttributesCommand({ AutoWarmupEnabled: false }));
    },

    async endWarmUp(Ip) {
      await client.send(new PutDedicatedIpWarmupAttributesCommand({ Ip, WarmupPercentage: 100 }));
    },
  };
}
