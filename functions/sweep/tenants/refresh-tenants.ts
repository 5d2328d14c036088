import { MS_PER_MINUTE } from '../../../shared/base/durations.ts';
import type { Clock, Log } from '../../../shared/base/ports.ts';
import { OPERATOR_TENANT } from '../../../shared/base/tenant-name.ts';
import type { Tenants } from '../../../shared/tenants/ports.ts';
import { type CompleteTenantDeps, completeTenant } from '../../../shared/tenants/services/complete-tenant.ts';
import { followTenantStatus } from '../../../shared/tenants/services/follow-tenant-status.ts';
import type { Tenant } from '../../../shared/tenants/tenant.ts';

interface RefreshTenantsDeps extends CompleteTenantDeps {
  readonly tenants: Pick<Tenants, 'list' | 'read' | 'pause' | 'resume'>;
  readonly clock: Clock;
  readonly log: Pick<Log, 'error'>;
}

/**
 * Names of the tenants that may have mail; the operator alone, and no read for it, if the config knows of no
 * tenants.
 */
export function createTenantNames({ streams, tenants }: Pick<RefreshTenantsDeps, 'streams' | 'tenants'>) {
  return async (): Promise<readonly string[]> => {
    const all = streams.tenants === undefined ? [] : await tenants.list();
    return [OPERATOR_TENANT, ...all.map(({ name }) => name)];
  };
}

/**
 * Tenants of one run: two calls each at the least, of about one a second that SES takes from the whole
 * account.
 */
const TENANTS_PER_RUN = 5;

/**
 * Looks at some tenants in SES, and goes round them all, by the clock: a young process would begin with the
 * first again. Completes what a request that was cut off, or a new stream, has left open, and holds or lets
 * go mail as SES does. What fails is tried again in the next round.
 */
export function createRefreshTenants(deps: RefreshTenantsDeps): () => Promise<void> {
  return async () => {
    if (deps.streams.tenants === undefined) return;
    try {
      const all = await deps.tenants.list();
      const first = Math.floor(deps.clock.nowEpochMs() / MS_PER_MINUTE) * TENANTS_PER_RUN;
      const places = Array.from(
        { length: Math.min(TENANTS_PER_RUN, all.length) },
        (_, index) => first + index,
      );
      for (const place of places) await refresh(all[place % all.length], deps);
    } catch (error) {
      deps.log.error('tenants_not_refreshed', { error });
    }
  };
}

async function refresh(tenant: Tenant | undefined, deps: RefreshTenantsDeps): Promise<void> {
  if (tenant === undefined) return;
  try {
    const { isDisabled } = await completeTenant(tenant.name, deps);
    const isPaused = tenant.pausedBy === 'ses';
    if (isDisabled !== isPaused) await followTenantStatus(tenant.name, !isDisabled, deps);
  } catch (error) {
    deps.log.error('tenant_not_refreshed', { error });
  }
}
