import { readUuid } from '../../../shared/base/contract/uuid.ts';
import { OPERATOR_TENANT } from '../../../shared/base/tenant-name.ts';
import { domainRecords } from '../../../shared/domains/contract/domain-object.ts';
import { dnsRecordsOf, findingOf, recordKey } from '../../../shared/domains/dns-records.ts';
import { type DnsFinding, domainStatus, type SendingDomain } from '../../../shared/domains/sending-domain.ts';
import { type Answer, ok, param } from '../call.ts';
import { completeIdentity, makeOrAdopt } from './create-domain.ts';
import { type DomainDeps, fromSes, isConfigured, requireDomain } from './domain-deps.ts';

/** Asks SES, has it begin again what it has given up, and looks at DNS itself to say which record is wrong. */
export function verifyDomain(deps: DomainDeps): Answer {
  return async (call) => {
    const id = readUuid(param(call, 'id'), 'id');
    const known = await requireDomain(deps, call.claims.tenant, id);

    if (isConfigured(known) && call.claims.tenant !== OPERATOR_TENANT) return answerOf(known, deps);
    const asked = await askSes(known, deps);
    const dns = await lookAtDns(asked, deps);

    const domain = (await deps.domains.update(asked, { dns, isVerifyAsked: true })) ?? asked;
    return answerOf(domain, deps);
  };
}

/** To a tenant, a domain of the config is as it was found last: it is not theirs to act on. */
function answerOf(domain: SendingDomain, deps: DomainDeps) {
  const answer = { status: domainStatus(domain), records: domainRecords(domain, deps) };
  return ok({ object: 'domain', id: domain.domainId, ...answer });
}

async function askSes(domain: SendingDomain, deps: DomainDeps): Promise<SendingDomain> {
  const { domains, identities, clock } = deps;
  const identity = await fromSes(identities.get(domain.name));
  if (identity === undefined) return isConfigured(domain) ? domain : makeAgain(domain, deps);

  const current =
    (await domains.update(domain, { identity, identityReadAtEpochMs: clock.nowEpochMs() })) ?? domain;
  if (isConfigured(domain)) return current;
  const { dkim, dkimTokens, mailFrom } = identity;
  if (mailFrom?.check === 'failed') await fromSes(identities.setMailFrom(domain.name, mailFrom.domain));
  const completed = await completeIdentity(current, false, deps);
  return dkim === 'failed' && dkimTokens.length > 0 ? restart(completed, deps) : completed;
}

/** The identity was deleted behind our back. */
async function makeAgain(domain: SendingDomain, deps: DomainDeps): Promise<SendingDomain> {
  const { identity = null, isAdopted } = await makeOrAdopt(domain.name, domain.owner, deps.identities);
  const identityReadAtEpochMs = deps.clock.nowEpochMs();
  const again = await deps.domains.update(domain, { identity, isAdopted, identityReadAtEpochMs });
  return completeIdentity(again ?? domain, false, deps);
}

/** After three days without the records SES stops looking; selectors may be new ones then. */
async function restart(
  domain: SendingDomain,
  { domains, identities, clock }: DomainDeps,
): Promise<SendingDomain> {
  await fromSes(identities.restartDkim(domain.name));
  const identity = (await fromSes(identities.get(domain.name))) ?? null;
  return (await domains.update(domain, { identity, identityReadAtEpochMs: clock.nowEpochMs() })) ?? domain;
}

async function lookAtDns(
  domain: SendingDomain,
  { dns, region }: DomainDeps,
): Promise<Readonly<Record<string, DnsFinding>>> {
  const records = dnsRecordsOf(domain, region);
  const found = await Promise.all(
    records.map(async (record): Promise<[string, DnsFinding]> => {
      const key = recordKey(record);
      return [key, findingOf(record, await dns.lookUp(record), domain.dns[key])];
    }),
  );
  return Object.fromEntries(found);
}
