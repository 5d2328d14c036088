import type { Clock } from '../../base/ports.ts';
import type { Tenants } from '../ports.ts';

interface FollowTenantStatusDeps {
  readonly tenants: Pick<Tenants, 'read' | 'pause' | 'resume'>;
  readonly clock: Clock;
}

/**
 * Holds a tenant's mail while SES refuses it, before the refusals do. The guard or operator that paused it
 * for another reason has the last word. Told in the wrong order, it is put right by the sweep's next look at
 * the tenant.
 */
export async function followTenantStatus(
  tenant: string,
  isEnabled: boolean,
  { tenants, clock }: FollowTenantStatusDeps,
): Promise<void> {
  // The account may have tenants that are not ours.
  if ((await tenants.read(tenant)) === undefined) return;
  const nowEpochMs = clock.nowEpochMs();
  if (isEnabled) await tenants.resume(tenant, nowEpochMs, 'ses');
  else await tenants.pause(tenant, { by: 'ses', reason: 'sending_disabled: by SES', nowEpochMs });
}
