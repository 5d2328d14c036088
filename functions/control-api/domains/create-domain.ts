import { ContractError } from '../../../shared/base/contract/errors.ts';
import { defined } from '../../../shared/base/defined.ts';
import { OPERATOR_TENANT } from '../../../shared/base/tenant-name.ts';
import { domainObject } from '../../../shared/domains/contract/domain-object.ts';
import { type NewDomain, readNewDomain } from '../../../shared/domains/contract/domain-request.ts';
import { domainIdOf } from '../../../shared/domains/domain-id.ts';
import {
  DEFAULT_RETURN_PATH,
  type IdentityState,
  type SendingDomain,
} from '../../../shared/domains/sending-domain.ts';
import { completeTenant } from '../../../shared/tenants/services/complete-tenant.ts';
import { type Answer, created, readFields } from '../call.ts';
import { type DomainDeps, fromSes } from './domain-deps.ts';

/**
 * Makes the identity, then the entry, then completes the identity: where a step fails, the same request made again
 * goes on from there. An identity that was in the account before is adopted.
 */
export function createDomain(deps: DomainDeps): Answer {
  return async ({ claims: { tenant }, body }) => {
    const wanted = readNewDomain(readFields(body), deps.region);
    const domainId = domainIdOf(wanted.name);
    if (deps.configuredDomains.includes(wanted.name)) throw registered(wanted.name);
    if ((await deps.domains.claimName(domainId, tenant)) !== tenant) throw registered(wanted.name);

    const known = await deps.domains.get(tenant, domainId);
    if (known !== undefined && !isUnfinished(known)) throw registered(wanted.name);

    const domain = known ?? (await beginOrFree(wanted, { domainId, tenant }, deps));
    const completed = await completeIdentity(domain, wanted.returnPath !== undefined, deps);
    await letTenantSend(tenant, deps);
    return created(domainObject(completed, deps));
  };
}

/** The domain is there either way; what SES could not be told now, the sweep tells it. */
async function letTenantSend(tenant: string, deps: DomainDeps): Promise<void> {
  if (tenant === OPERATOR_TENANT) return;
  await completeTenant(tenant, deps).catch((error: unknown) => {
    deps.log.warn('tenant_not_completed', { error });
  });
}

/** Its making was cut off: SES has no MAIL FROM for it. */
const isUnfinished = ({ identity }: SendingDomain): boolean =>
  identity !== undefined && identity.mailFrom === undefined;

const registered = (name: string) =>
  new ContractError(403, 'validation_error', `The ${name} domain has been registered already.`);

/** A name that nothing came of must not stay taken. */
async function beginOrFree(wanted: NewDomain, origin: Origin, deps: DomainDeps): Promise<SendingDomain> {
  try {
    return await begin(wanted, origin, deps);
  } catch (error) {
    const isFinal = error instanceof ContractError && error.permanent;
    const isNothing = isFinal && (await deps.domains.get(origin.tenant, origin.domainId)) === undefined;
    if (isNothing) await deps.domains.delete(origin.tenant, origin.domainId);
    throw error;
  }
}

interface Origin {
  readonly domainId: string;
  readonly tenant: string;
}

async function begin(
  { name, returnPath = DEFAULT_RETURN_PATH, settings }: NewDomain,
  { domainId, tenant }: Origin,
  { domains, identities, clock }: DomainDeps,
): Promise<SendingDomain> {
  const { identity, isAdopted } = await makeOrAdopt(name, tenant, identities);
  const nowEpochMs = clock.nowEpochMs();
  return domains.putIfAbsent({
    domainId,
    owner: tenant,
    name,
    settings,
    isAdopted,
    isVerifyAsked: false,
    dns: {},
    createdAt: new Date(nowEpochMs).toISOString(),
    mailFromDomain: `${returnPath}.${name}`,
    ...defined({ identity }),
    identityReadAtEpochMs: nowEpochMs,
  });
}

/**
 * What is verified in the account is its operator's: no tenant gets to send from it by naming it. What is not is of no
 * use before the name's owner proves it by DNS: the rest of a request that was cut off, most likely.
 */
export async function makeOrAdopt(
  name: string,
  tenant: string,
  identities: DomainDeps['identities'],
): Promise<{ identity: IdentityState | undefined; isAdopted: boolean }> {
  const answer = await fromSes(identities.create(name));
  if (answer.kind === 'created') return { identity: answer.identity, isAdopted: false };
  const identity = await fromSes(identities.get(name));
  if (tenant === OPERATOR_TENANT) return { identity, isAdopted: true };
  if (identity?.isVerifiedForSending !== false) throw registered(name);
  return { identity, isAdopted: false };
}

/** An adopted identity keeps the MAIL FROM that it has, unless the caller names another. */
export async function completeIdentity(
  domain: SendingDomain,
  isReturnPathChosen: boolean,
  { domains, identities, clock }: Pick<DomainDeps, 'domains' | 'identities' | 'clock'>,
): Promise<SendingDomain> {
  const { name, identity, mailFromDomain, isAdopted } = domain;
  const has = identity?.mailFrom?.domain;
  if (identity === undefined || has === mailFromDomain || (has !== undefined && !isReturnPathChosen))
    return domain;
  if (!isAdopted) await fromSes(identities.stopForwarding(name));
  await fromSes(identities.setMailFrom(name, mailFromDomain));
  const mailFrom = { domain: mailFromDomain, check: 'pending' } as const;
  const identityReadAtEpochMs = clock.nowEpochMs();
  return (
    (await domains.update(domain, { identity: { ...identity, mailFrom }, identityReadAtEpochMs })) ?? domain
  );
}
