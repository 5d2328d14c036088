export const DOMAIN =
  /^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;

/** Domain to which bounces of a domain's mail are sent. */
export const mailFromDomainOf = (domain: string): string => `mail.${domain}`;

/**
 * Reason why a name cannot stand in tracked links; undefined if it can. SES takes only names of verified
 * domains, and it has to be a CNAME, which a name with other records cannot be (RFC 1034 section 3.6.2).
 * @param sending the domains of the config
 */
export function trackingDomainProblem(domain: string, sending: readonly string[]): string | undefined {
  if (!DOMAIN.test(domain)) return 'must be a domain in lower case, such as links.your-company.com';
  if (!sending.some((each) => domain.endsWith(`.${each}`)))
    return `must be a name below one of \`domains\`, such as links.${sending[0]}`;
  const isTaken = sending.some((each) => domain === each || domain === mailFromDomainOf(each));
  return isTaken ? 'must be a name of its own: mail is sent from this one' : undefined;
}
