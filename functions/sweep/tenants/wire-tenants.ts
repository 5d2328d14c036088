import { createDomainPages, createDomainsTable } from '../../../shared/domains/adapters/domains-table.ts';
import { createSesIdentities } from '../../../shared/domains/adapters/ses-identities.ts';
import { createSesTenants } from '../../../shared/tenants/adapters/ses-tenants.ts';
import type { CommonDeps } from '../wire-common.ts';
import { createRefreshDomains } from './refresh-domains.ts';
import { createRefreshTenants } from './refresh-tenants.ts';

export function wireTenants({ environment, catalog, clock, log, tenants }: CommonDeps) {
  const domains = createDomainsTable(catalog);
  return [
    createRefreshDomains({
      domains,
      pages: createDomainPages(catalog),
      identities: createSesIdentities(),
      clock,
      log,
    }),
    createRefreshTenants({
      sesTenants: createSesTenants(),
      configuredDomains: environment.sendingDomains,
      streams: environment.streams,
      tenants,
      domains,
      clock,
      log,
    }),
  ];
}
