import { createDomainsTable } from '../../../shared/domains/adapters/domains-table.ts';
import { createReputationTable } from '../../../shared/reputation/adapters/reputation-table.ts';
import { createSesTenants } from '../../../shared/tenants/adapters/ses-tenants.ts';
import { createTenantUsage } from '../../../shared/tenants/adapters/tenant-usage-table.ts';
import { createTenantsTable } from '../../../shared/tenants/adapters/tenants-table.ts';
import type { CommonDeps } from '../wire-common.ts';
import { tenantRoutes } from './tenants.ts';

export const wireTenants = ({ environment, client, catalog, clock }: CommonDeps) =>
  tenantRoutes({
    sesTenants: createSesTenants(),
    streams: environment.streams,
    configuredDomains: environment.sendingDomains,
    domains: createDomainsTable(catalog),
    tenants: createTenantsTable({ ...catalog, clock }),
    tenantUsage: createTenantUsage(client, catalog.tableName),
    reputations: createReputationTable(client, catalog.tableName),
    clock,
  });
