import { createHash } from 'node:crypto';

/** The id of a tenant that the template makes: the same for each reading of it. */
export const templateTenantId = (name: string): string =>
  `tn-${createHash('sha256').update(name).digest('hex').slice(0, 30)}`;
