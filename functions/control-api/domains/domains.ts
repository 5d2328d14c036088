import { notFound } from '../../../shared/base/contract/errors.ts';
import { listObject, pageOf, readPage } from '../../../shared/base/contract/page.ts';
import { readUuid } from '../../../shared/base/contract/uuid.ts';
import { OPERATOR_TENANT } from '../../../shared/base/tenant-name.ts';
import { domainItem, domainObject } from '../../../shared/domains/contract/domain-object.ts';
import { readDomainSettings, requireOwnLabel } from '../../../shared/domains/contract/domain-request.ts';
import { isStale, type SendingDomain } from '../../../shared/domains/sending-domain.ts';
import { refreshIdentity } from '../../../shared/domains/services/refresh-identity.ts';
import { releaseIdentity } from '../../../shared/tenants/services/complete-tenant.ts';
import { type Answer, type ApiRoute, ok, param, readFields } from '../call.ts';
import { createDomain } from './create-domain.ts';
import {
  type DomainDeps,
  fromSes,
  inTheConfig,
  isConfigured,
  readConfigured,
  requireDomain,
} from './domain-deps.ts';
import { verifyDomain } from './verify-domain.ts';

export function domainRoutes(deps: DomainDeps): readonly ApiRoute[] {
  return [
    { method: 'POST', pattern: '/domains', handler: createDomain(deps) },
    { method: 'GET', pattern: '/domains', handler: listDomains(deps) },
    { method: 'GET', pattern: '/domains/{id}', handler: showDomain(deps) },
    { method: 'PATCH', pattern: '/domains/{id}', handler: changeDomain(deps) },
    { method: 'DELETE', pattern: '/domains/{id}', handler: deleteDomain(deps) },
    { method: 'POST', pattern: '/domains/{id}/verify', handler: verifyDomain(deps) },
  ];
}

/** The tenant's own, newest first, then those of the config. SES is not asked, but for a domain that was never seen. */
function listDomains(deps: DomainDeps): Answer {
  return async ({ claims, query }) => {
    const page = readPage(query);
    const own = await deps.domains.list(claims.tenant);
    const configured: SendingDomain[] = [];
    for (const name of deps.configuredDomains) configured.push(await readConfigured(deps, name));
    const others = own.filter(({ name }) => !deps.configuredDomains.includes(name));
    const { items, hasMore } = pageOf([...others, ...configured], ({ domainId }) => domainId, page);
    return ok(
      listObject(
        items.map((domain) => domainItem(domain, deps)),
        hasMore,
      ),
    );
  };
}

/** SES is asked where its last answer is old; where it cannot be, that answer is shown. */
function showDomain(deps: DomainDeps): Answer {
  return async (call) => {
    const id = readUuid(param(call, 'id'), 'id');
    const known = await requireDomain(deps, call.claims.tenant, id);
    const isOld = isStale(known, deps.clock.nowEpochMs());
    const domain = isOld ? await readAgain(known, deps) : known;
    if (domain === undefined) throw notFound('Domain not found');
    return ok(domainObject(domain, deps));
  };
}

async function readAgain(known: SendingDomain, deps: DomainDeps): Promise<SendingDomain | undefined> {
  try {
    return await refreshIdentity(known, deps);
  } catch (error) {
    deps.log.warn('identity_not_read', { domainId: known.domainId, error });
    return known;
  }
}

function changeDomain(deps: DomainDeps): Answer {
  return async (call) => {
    const id = readUuid(param(call, 'id'), 'id');
    const fields = readFields(call.body);
    const domain = await requireDomain(deps, call.claims.tenant, id);
    if (isConfigured(domain)) throw inTheConfig(domain, 'change it');

    const settings = readDomainSettings(fields, domain.settings, domain.name);
    requireOwnLabel(settings, domain.identity?.mailFrom?.domain ?? domain.mailFromDomain, domain.name);
    if ((await deps.domains.update(domain, { settings })) === undefined) throw notFound('Domain not found');
    return ok({ object: 'domain', id });
  };
}

/** SES keeps an identity that a tenant may still send with. */
async function removeIdentity({ owner, name }: SendingDomain, deps: DomainDeps): Promise<void> {
  if (owner !== OPERATOR_TENANT) await fromSes(releaseIdentity(owner, name, deps.sesTenants));
  await fromSes(deps.identities.delete(name));
}

/** The identity goes first: an entry that is left over can be deleted again. An adopted one stays in the account. */
function deleteDomain(deps: DomainDeps): Answer {
  return async (call) => {
    const id = readUuid(param(call, 'id'), 'id');
    const domain = await requireDomain(deps, call.claims.tenant, id);
    if (isConfigured(domain)) throw inTheConfig(domain, 'take it out');

    if (!domain.isAdopted) await removeIdentity(domain, deps);
    await deps.domains.delete(domain.owner, id);
    return ok({ object: 'domain', id, deleted: true });
  };
}
