import { createHash } from 'node:crypto';

/** One of the three selectors that SES would make for a domain; the same in outputs of the template and from SES. */
export const dkimSelector = (domain: string, number: number | string): string =>
  createHash('sha256').update(`${domain}${number}`).digest('hex').slice(0, 32);

/** The id of a tenant that the template makes: the same for each reading of it. */
export const templateTenantId = (name: string): string =>
  `tn-${createHash('sha256').update(name).digest('hex').slice(0, 30)}`;
