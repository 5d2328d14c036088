import { Resolver } from 'node:dns/promises';
import type { SesIdentity, Sight } from './identity.ts';

interface IdentityDns {
  seeDkim(identity: SesIdentity): Promise<Sight>;
  seeMailFrom(mailFromDomain: string): Promise<Sight>;
}

const NO_SUCH_RECORD: readonly unknown[] = ['ENOTFOUND', 'ENODATA'];

/** Looks as SES does: at all selectors, and at one MX that leads to it. Without a server every record counts as set. */
export function createIdentityDns(server: string | undefined, region: string): IdentityDns {
  if (server === undefined) return { seeDkim: async () => 'right', seeMailFrom: async () => 'right' };
  const resolver = new Resolver({ timeout: 1_000, tries: 2 });
  resolver.setServers([server]);

  return {
    seeDkim: async ({ name, dkimTokens }) => {
      const sights = await Promise.all(
        dkimTokens.map((token) =>
          see(
            () => resolver.resolveCname(`${token}._domainkey.${name}`),
            (targets) => targets[0]?.toLowerCase() === `${token}.dkim.amazonses.com`,
          ),
        ),
      );
      if (sights.includes('wrong')) return 'wrong';
      return sights.includes('unknown') ? 'unknown' : 'right';
    },
    seeMailFrom: (domain) =>
      see(
        () => resolver.resolveMx(domain),
        (hosts) =>
          hosts.length === 1 && hosts[0]?.exchange.toLowerCase() === `feedback-smtp.${region}.amazonses.com`,
      ),
  };
}

async function see<T>(ask: () => Promise<T>, isRight: (answer: T) => boolean): Promise<Sight> {
  try {
    return isRight(await ask()) ? 'right' : 'wrong';
  } catch (error) {
    return NO_SUCH_RECORD.includes((error as { code?: unknown }).code) ? 'wrong' : 'unknown';
  }
}
