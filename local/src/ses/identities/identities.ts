import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dkimSelector } from '../../assembly/ses-names.ts';
import type { Clock } from '../../host/clock.ts';
import { SesError } from '../error.ts';
import type { SesResources } from '../resources.ts';
import { createIdentityDns } from './dns.ts';
import { isVerified, judge, type SesIdentity } from './identity.ts';

export interface Identities {
  /** Looks at DNS again; answers the identity as it is then. @throws SesError NotFoundException */
  look(name: string): Promise<SesIdentity>;
  /** @throws SesError NotFoundException */
  require(name: string): SesIdentity;
  /** @throws SesError AlreadyExistsException */
  create(name: string, configurationSet: string | undefined): SesIdentity;
  change(name: string, changes: Partial<SesIdentity>): SesIdentity;
  delete(name: string): void;
  /** The verified identity that lets `address` send: the address itself, its domain, or a domain above it. */
  findSendingIdentity(address: string): SesIdentity | undefined;
}

interface IdentitiesOptions {
  readonly resources: SesResources;
  readonly clock: Clock;
  /** `address:port`; without it every record counts as set. */
  readonly dnsServer: string | undefined;
  /** File in which identities outlive a run. */
  readonly file: string | undefined;
}

/** Those of the template are verified from the start; others once a caller asks for them and their records are set. */
export function createIdentities({ resources, clock, dnsServer, file }: IdentitiesOptions): Identities {
  const { accountId, region } = resources;
  const dns = createIdentityDns(dnsServer, region);
  const templateNames = new Set(resources.identities.map(({ name }) => name));
  const byName = new Map([...readIdentities(file), ...resources.identities].map((each) => [each.name, each]));
  const save = (): void => {
    if (file !== undefined) writeFileSync(file, JSON.stringify([...byName.values()]));
  };

  const require = (given: string): SesIdentity => {
    const identity = byName.get(given.toLowerCase());
    if (identity) return identity;
    throw new SesError('NotFoundException', `Email identity <${given}> does not exist.`);
  };
  const change = (name: string, changes: Partial<SesIdentity>): SesIdentity => {
    const identity = { ...require(name), ...changes };
    byName.set(identity.name, identity);
    save();
    return identity;
  };

  return {
    require,
    change,
    look: async (name) => {
      const { dkim, mailFrom, ...identity } = require(name);
      if (templateNames.has(identity.name)) return require(name);
      const dkimSight = await dns.seeDkim({ dkim, ...identity });
      const mailFromSight = mailFrom && (await dns.seeMailFrom(mailFrom.domain));
      return change(name, {
        dkim: judge(dkim, dkimSight, clock.now()),
        ...(mailFrom &&
          mailFromSight && { mailFrom: { ...mailFrom, ...judge(mailFrom, mailFromSight, clock.now()) } }),
      });
    },
    create: (given, configurationSet) => {
      const name = given.toLowerCase();
      if (byName.has(name))
        throw new SesError('AlreadyExistsException', `Email identity ${given} already exist.`);
      const identity: SesIdentity = {
        ...{ name, arn: `arn:aws:ses:${region}:${accountId}:identity/${name}`, isForwarding: true },
        dkim: { status: 'PENDING', since: clock.now() },
        dkimTokens: name.includes('@') ? [] : [1, 2, 3].map((number) => dkimSelector(name, number)),
        ...(configurationSet !== undefined && { configurationSet }),
      };
      byName.set(name, identity);
      save();
      return identity;
    },
    delete: (name) => {
      byName.delete(require(name).name);
      save();
    },
    findSendingIdentity: (address) =>
      candidates(address.toLowerCase())
        .map((name) => byName.get(name))
        .find((identity) => identity !== undefined && isVerified(identity)),
  };
}

const readIdentities = (file: string | undefined): readonly SesIdentity[] =>
  file !== undefined && existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as readonly SesIdentity[])
    : [];

/** A verified domain covers its subdomains (SES guide, verified identities). */
function candidates(address: string): string[] {
  const labels = address.slice(address.lastIndexOf('@') + 1).split('.');
  return [address, ...labels.map((_, index) => labels.slice(index).join('.'))];
}
