import type { Tenants } from '../../../shared/tenants/ports.ts';
import type { Tenant } from '../../../shared/tenants/tenant.ts';

/** Tenants in memory, with the conditions of the table; `rows` is what it holds. */
export function createMemoryTenants(initial: readonly Tenant[] = []) {
  const rows = new Map(initial.map((tenant) => [tenant.name, tenant]));
  const of = (name: string): Tenant => rows.get(name) ?? { name, status: 'active', createdAt: '' };
  const port: Tenants = {
    find: async (name) => of(name),
    get: async (name) => of(name),
    read: async (name) => rows.get(name),
    list: async () => [...rows.values()],
    async putIfAbsent(tenant) {
      if (rows.has(tenant.name)) return false;
      rows.set(tenant.name, tenant);
      return true;
    },
    async setDailyRecipients(name, recipients) {
      const { dailyRecipients: _before, ...tenant } = of(name);
      if (!rows.has(name)) return false;
      rows.set(name, { ...tenant, ...(recipients === null ? {} : { dailyRecipients: recipients }) });
      return true;
    },
    async pause(name, { by, reason, nowEpochMs }) {
      const { status, pausedBy } = of(name);
      const outlasts = by === 'guard' && pausedBy === 'ses';
      if (by !== 'operator' && status === 'paused' && !outlasts) return false;
      rows.set(name, { ...of(name), status: 'paused', pausedBy: by, reason, sinceEpochMs: nowEpochMs });
      return true;
    },
    async resume(name, nowEpochMs, ifBy) {
      const { pausedBy, reason: _reason, ...tenant } = of(name);
      if (tenant.status === 'active' || (ifBy !== undefined && pausedBy !== ifBy)) return false;
      rows.set(name, { ...tenant, status: 'active', sinceEpochMs: nowEpochMs });
      return true;
    },
  };
  return { ...port, rows };
}
