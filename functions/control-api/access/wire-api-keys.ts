import { createBootstrapTokens } from '../../../shared/access/adapters/bootstrap-keys-table.ts';
import { createDomainsTable } from '../../../shared/domains/adapters/domains-table.ts';
import { createTenantsTable } from '../../../shared/tenants/adapters/tenants-table.ts';
import type { CommonDeps } from '../wire-common.ts';
import { apiKeyRoutes } from './api-keys.ts';

export const wireApiKeys = ({ environment, catalog, clock, ids, apiKeys, signingKeys }: CommonDeps) =>
  apiKeyRoutes({
    apiKeys,
    bootstrapTokens: createBootstrapTokens(catalog),
    signingKeys,
    clock,
    ids,
    configuredDomains: environment.sendingDomains,
    domains: createDomainsTable(catalog),
    streams: environment.streams,
    tenants: createTenantsTable({ ...catalog, clock }),
  });
