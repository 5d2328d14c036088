import type { Clock } from '../../base/ports.ts';
import type { Domains, Identities } from '../ports.ts';
import type { SendingDomain } from '../sending-domain.ts';

export interface RefreshDeps {
  readonly domains: Pick<Domains, 'update'>;
  readonly identities: Pick<Identities, 'get'>;
  readonly clock: Clock;
}

/**
 * Asks SES once and writes its answer down; answers the domain as it is then, undefined where it was deleted
 * meanwhile.
 */
export async function refreshIdentity(
  domain: SendingDomain,
  { domains, identities, clock }: RefreshDeps,
): Promise<SendingDomain | undefined> {
  const identity = (await identities.get(domain.name)) ?? null;
  return domains.update(domain, { identity, identityReadAtEpochMs: clock.nowEpochMs() });
}
