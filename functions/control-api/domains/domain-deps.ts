import { ContractError, invalidField, notFound, unavailable } from '../../../shared/base/contract/errors.ts';
import { defined } from '../../../shared/base/defined.ts';
import type { Clock, Log } from '../../../shared/base/ports.ts';
import type { DnsContext } from '../../../shared/domains/contract/domain-object.ts';
import { domainIdOf } from '../../../shared/domains/domain-id.ts';
import {
  type DnsLookup,
  type Domains,
  type Identities,
  IdentityRefusedError,
} from '../../../shared/domains/ports.ts';
import {
  CONFIG_OWNER,
  DEFAULT_SETTINGS,
  type SendingDomain,
} from '../../../shared/domains/sending-domain.ts';
import type { Streams } from '../../../shared/streams/stream.ts';
import type { SesTenants } from '../../../shared/tenants/ports.ts';

export interface DomainDeps extends DnsContext {
  readonly domains: Domains;
  readonly identities: Identities;
  readonly sesTenants: SesTenants;
  readonly dns: DnsLookup;
  readonly clock: Clock;
  readonly log: Pick<Log, 'warn'>;
  readonly streams: Streams;
  /** Of postlane.config.ts. */
  readonly configuredDomains: readonly string[];
}

/** @throws ContractError 404, also for another tenant's domain */
export async function requireDomain(deps: DomainDeps, tenant: string, id: string): Promise<SendingDomain> {
  const configured = deps.configuredDomains.find((name) => domainIdOf(name) === id);
  const domain =
    configured === undefined ? await deps.domains.get(tenant, id) : await readConfigured(deps, configured);
  if (domain === undefined) throw notFound('Domain not found');
  return domain;
}

/** A domain of the config is written down when it is first asked for: its identity is the deployment's. */
export async function readConfigured(
  { domains, identities, clock }: DomainDeps,
  name: string,
): Promise<SendingDomain> {
  const domainId = domainIdOf(name);
  const known = await domains.get(CONFIG_OWNER, domainId);
  if (known !== undefined) return known;
  const identity = await fromSes(identities.get(name));
  const nowEpochMs = clock.nowEpochMs();
  return domains.putIfAbsent({
    domainId,
    owner: CONFIG_OWNER,
    name,
    isAdopted: true,
    isVerifyAsked: true,
    dns: {},
    createdAt: new Date(nowEpochMs).toISOString(),
    mailFromDomain: identity?.mailFrom?.domain ?? `mail.${name}`,
    settings: DEFAULT_SETTINGS,
    ...defined({ identity }),
    identityReadAtEpochMs: nowEpochMs,
  });
}

export const isConfigured = ({ owner }: SendingDomain): boolean => owner === CONFIG_OWNER;

/** 403, for what an operator says in a file. */
export function inTheConfig({ name }: SendingDomain, what: string): ContractError {
  return new ContractError(403, 'validation_error', `${name} is in postlane.config.ts: ${what} there.`);
}

/** SES's refusals in the contract's shape; without SES nothing is changed, and the same request may be made again. */
export async function fromSes<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (cause) {
    if (cause instanceof IdentityRefusedError) throw invalidField(`SES refuses it: ${cause.message}`);
    throw unavailable('SES cannot be asked at the moment.', cause);
  }
}
