import type { MailboxProvider } from '../streams/stream-settings.ts';

export const MAILBOX_PROVIDERS: readonly MailboxProvider[] = ['gmail', 'microsoft', 'yahoo', 'apple', 'rest'];

/** Domains under which a provider gives away mailboxes. AOL and its kin are delivered by Yahoo since 2017. */
const OWN_DOMAINS: Readonly<Record<string, MailboxProvider>> = {
  'gmail.com': 'gmail',
  'googlemail.com': 'gmail',
  'outlook.com': 'microsoft',
  'hotmail.com': 'microsoft',
  'live.com': 'microsoft',
  'msn.com': 'microsoft',
  'passport.com': 'microsoft',
  'windowslive.com': 'microsoft',
  'yahoo.com': 'yahoo',
  'ymail.com': 'yahoo',
  'rocketmail.com': 'yahoo',
  'aol.com': 'yahoo',
  'aim.com': 'yahoo',
  'netscape.net': 'yahoo',
  'verizon.net': 'yahoo',
  'icloud.com': 'apple',
  'me.com': 'apple',
  'mac.com': 'apple',
  'privaterelay.appleid.com': 'apple',
};

/** Domains of the same brands in countries: `hotmail.co.uk`, `yahoo.com.br`, `live.fr`. */
const COUNTRY_DOMAIN = /^(?<brand>[a-z]+)\.(?:com?\.)?[a-z]{2}$/;
const BRANDS: Readonly<Record<string, MailboxProvider>> = {
  hotmail: 'microsoft',
  outlook: 'microsoft',
  live: 'microsoft',
  yahoo: 'yahoo',
};

/** Hosts that take the mail of domains which a provider serves for others. */
const MX_SUFFIXES: readonly (readonly [suffix: string, provider: MailboxProvider])[] = [
  ['.google.com', 'gmail'],
  ['.googlemail.com', 'gmail'],
  ['.outlook.com', 'microsoft'],
  ['.mx.microsoft', 'microsoft'],
  ['.hotmail.com', 'microsoft'],
  ['.yahoodns.net', 'yahoo'],
  ['.mail.icloud.com', 'apple'],
];

/** Provider by the recipient's domain, lower case; `rest` for every domain that is not a provider's own. */
export function providerOf(domain: string): MailboxProvider {
  if (Object.hasOwn(OWN_DOMAINS, domain)) return OWN_DOMAINS[domain] ?? 'rest';
  const brand = COUNTRY_DOMAIN.exec(domain)?.groups?.brand;
  return brand !== undefined && Object.hasOwn(BRANDS, brand) ? (BRANDS[brand] ?? 'rest') : 'rest';
}

/**
 * Provider by the hosts that take a domain's mail, the most preferred one first (RFC 5321 section 5.1): it
 * decides alone, because mail that passes a filter before Gmail is the filter's to slow down.
 */
export function providerOfMx(exchanges: readonly string[]): MailboxProvider {
  const host = `.${(exchanges[0] ?? '').toLowerCase().replace(/\.$/, '')}`;
  return MX_SUFFIXES.find(([suffix]) => host.endsWith(suffix))?.[1] ?? 'rest';
}
