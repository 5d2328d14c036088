import { createReputationTable } from '../../../shared/reputation/adapters/reputation-table.ts';
import { createTenantUsage } from '../../../shared/tenants/adapters/tenant-usage-table.ts';
import type { CommonDeps } from '../wire-common.ts';
import { tenantRoutes } from './tenants.ts';

export const wireTenants = ({
  environment,
  client,
  catalog,
  clock,
  tenants,
  sesTenants,
  domains,
}: CommonDeps) =>
  tenantRoutes({
    sesTenants,
    streams: environment.streams,
    configuredDomains: environment.sendingDomains,
    domains,
    tenants,
    tenantUsage: createTenantUsage(client, catalog.tableName),
    reputations: createReputationTable(client, catalog.tableName),
    clock,
  });
