import { decideGuard, type SendingCounts } from '../../../shared/reputation/guard.ts';
import type { TenantSettings } from '../../../shared/streams/tenant-settings.ts';
import { dailyRecipientsOf, type Tenant } from '../../../shared/tenants/tenant.ts';
import { pauseFields, reputationObject } from '../streams/stream-object.ts';

/** An entry of `GET /tenants`. `daily_recipients` is null where nothing limits it. */
export function tenantItem(tenant: Tenant, settings: TenantSettings) {
  return {
    name: tenant.name,
    created_at: tenant.createdAt,
    ...pauseFields(tenant),
    daily_recipients: dailyRecipientsOf(tenant, settings) ?? null,
  };
}

/** `GET /tenants/{name}`: with what it has used today (UTC), counted in recipients, and what the guard goes by. */
export function tenantObject(
  tenant: Tenant,
  settings: TenantSettings,
  { usedToday, counts }: { readonly usedToday: number; readonly counts: SendingCounts },
) {
  return {
    object: 'tenant',
    ...tenantItem(tenant, settings),
    used_today: usedToday,
    reputation: reputationObject(decideGuard(counts, settings.guard), counts),
  };
}
