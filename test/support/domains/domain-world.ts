import type { DnsAnswer } from '../../../shared/domains/dns-records.ts';
import { domainIdOf } from '../../../shared/domains/domain-id.ts';
import type { DnsLookup, Identities } from '../../../shared/domains/ports.ts';
import {
  DEFAULT_SETTINGS,
  type IdentityCheck,
  type IdentityState,
  type SendingDomain,
} from '../../../shared/domains/sending-domain.ts';

export function anIdentity(check: IdentityCheck, overrides: Partial<IdentityState> = {}): IdentityState {
  return {
    isVerifiedForSending: check === 'success',
    verification: check,
    dkim: check,
    dkimTokens: ['one', 'two', 'three'],
    dkimZone: 'dkim.amazonses.com',
    mailFrom: { domain: 'send.acme.io', check },
    ...overrides,
  };
}

export function aDomain(overrides: Partial<SendingDomain> = {}): SendingDomain {
  const name = overrides.name ?? 'acme.io';
  return {
    domainId: domainIdOf(name),
    owner: 'default',
    name,
    createdAt: '2026-11-24T12:00:00.000Z',
    isAdopted: false,
    mailFromDomain: `send.${name}`,
    settings: DEFAULT_SETTINGS,
    isVerifyAsked: false,
    identity: anIdentity('pending'),
    identityReadAtEpochMs: 0,
    dns: {},
    ...overrides,
  };
}

/** SES identities that remember, and every call made to them; those given are verified. */
export function rememberedIdentities(verified: readonly string[] = []) {
  const byName = new Map<string, IdentityState>(
    verified.map((name) => [
      name,
      anIdentity('success', { mailFrom: { domain: `mail.${name}`, check: 'success' } }),
    ]),
  );
  const calls: string[] = [];
  const failing = new Set<string>();
  const call = (operation: string, name: string) => {
    calls.push(`${operation} ${name}`);
    if (failing.has(operation)) throw new Error(`${operation} fails`);
  };
  const change = (name: string, changes: Partial<IdentityState>) => {
    const known = byName.get(name);
    if (known === undefined) throw new Error(`no identity ${name}`);
    byName.set(name, { ...known, ...changes });
  };

  const port: Identities = {
    async get(name) {
      call('get', name);
      return byName.get(name);
    },
    async create(name) {
      call('create', name);
      if (byName.has(name)) return { kind: 'exists' };
      const { mailFrom: _none, ...identity } = anIdentity('pending');
      byName.set(name, identity);
      return { kind: 'created', identity };
    },
    async setMailFrom(name, domain) {
      call('setMailFrom', name);
      change(name, { mailFrom: { domain, check: 'pending' } });
    },
    async stopForwarding(name) {
      call('stopForwarding', name);
    },
    async restartDkim(name) {
      call('restartDkim', name);
      change(name, { dkim: 'pending', verification: 'pending' });
    },
    async delete(name) {
      call('delete', name);
      byName.delete(name);
    },
  };
  return { port, byName, calls, failing, change };
}

/** DNS that answers what it was given, and for the rest that there is no such record. */
export function rememberedDns() {
  const answers = new Map<string, DnsAnswer>();
  const port: DnsLookup = {
    lookUp: async ({ type, fullName }) =>
      answers.get(`${type} ${fullName}`) ?? { kind: 'answered', values: [] },
  };
  return {
    port,
    set: (key: string, ...values: readonly string[]) => void answers.set(key, { kind: 'answered', values }),
    fail: (key: string, reason: string) => void answers.set(key, { kind: 'unknown', reason }),
  };
}
