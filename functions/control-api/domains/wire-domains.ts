import { createDnsResolver } from '../../../shared/domains/adapters/dns-resolver.ts';
import { createSesIdentities } from '../../../shared/domains/adapters/ses-identities.ts';
import { readDnsServers, readRegion } from '../../../shared/runtime/env.ts';
import { registrableDomainOf } from '../../../shared/runtime/registrable-domain.ts';
import type { CommonDeps } from '../wire-common.ts';
import { domainRoutes } from './domains.ts';

export const wireDomains = ({ environment, clock, log, sesTenants, domains }: CommonDeps) =>
  domainRoutes({
    region: readRegion(),
    zoneOf: registrableDomainOf,
    domains,
    identities: createSesIdentities(),
    sesTenants,
    dns: createDnsResolver(readDnsServers()),
    clock,
    log,
    streams: environment.streams,
    configuredDomains: environment.sendingDomains,
  });
