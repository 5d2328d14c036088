import { getDomain } from 'tldts-icann';

/** The part of a name that is registered, by the Public Suffix List: what a DNS provider shows as the zone. */
export const registrableDomainOf = (name: string): string => getDomain(name) ?? name;
