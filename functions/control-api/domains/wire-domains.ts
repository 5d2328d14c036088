import { createDnsResolver } from '../../../shared/domains/adapters/dns-resolver.ts';
import { createDomainsTable } from '../../../shared/domains/adapters/domains-table.ts';
import { createSesIdentities } from '../../../shared/domains/adapters/ses-identities.ts';
import { readDnsServers, readRegion } from '../../../shared/runtime/env.ts';
import { registrableDomainOf } from '../../../shared/runtime/registrable-domain.ts';
import { createSesTenants } from '../../../shared/tenants/adapters/ses-tenants.ts';
import type { CommonDeps } from '../wire-common.ts';
import { domainRoutes } from './domains.ts';

export const wireDomains = ({ environment, catalog, clock, log }: CommonDeps) =>
  domainRoutes({
    region: readRegion(),
    zoneOf: registrableDomainOf,
    domains: createDomainsTable(catalog),
    identities: createSesIdentities(),
    sesTenants: createSesTenants(),
    dns: createDnsResolver(readDnsServers()),
    clock,
    log,
    streams: environment.streams,
    configuredDomains: environment.sendingDomains,
  });
