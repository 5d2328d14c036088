import { type CompleteTenantDeps, completeTenant } from '../../shared/domain/complete-tenant.ts';
import { followSes } from '../../shared/domain/follow-ses.ts';
import type { Clock, Log } from '../../shared/domain/ports.ts';
import { OPERATOR_TENANT } from '../../shared/domain/tenant.ts';
import type { Tenants } from '../../shared/domain/tenant-ports.ts';

export interface RefreshTenantsDeps extends CompleteTenantDeps {
  readonly tenants: Pick<Tenants, 'list' | 'read' | 'pause' | 'resume'>;
  readonly clock: Clock;
  readonly log: Pick<Log, 'error'>;
}

/** Whose mail there may be; the operator alone, and no read for it, where the config knows of no tenants. */
export function createTenantNames({ streams, tenants }: Pick<RefreshTenantsDeps, 'streams' | 'tenants'>) {
  return async (): Promise<readonly string[]> => {
    const all = streams.tenants === undefined ? [] : await tenants.list();
    return [OPERATOR_TENANT, ...all.map(({ name }) => name)];
  };
}

/**
 * Looks at one tenant a run in SES, and goes round them all: completes what a request that was cut off, or a new stream,
 * has left open, and holds or lets go its mail as SES does. What fails is tried again in the next round.
 */
export function createRefreshTenants(deps: RefreshTenantsDeps): () => Promise<void> {
  let next = 0;
  return async () => {
    if (deps.streams.tenants === undefined) return;
    try {
      const all = await deps.tenants.list();
      const tenant = all[next % Math.max(1, all.length)];
      next += 1;
      if (tenant === undefined) return;
      const { isDisabled } = await completeTenant(tenant.name, deps);
      const isHeld = tenant.pausedBy === 'ses';
      if (isDisabled !== isHeld) await followSes(tenant.name, !isDisabled, deps);
    } catch (error) {
      deps.log.error('tenant_not_refreshed', { error });
    }
  };
}
