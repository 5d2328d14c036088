import { ContractError } from '../../base/contract/errors.ts';
import type { ApiKeyClaims } from '../api-key.ts';

/** Requires full access, for every endpoint that does not send. */
export function requireFullAccess(claims: ApiKeyClaims): void {
  if (claims.permission === 'full_access') return;
  throw new ContractError(401, 'restricted_api_key', 'This API key is restricted to only send emails.');
}

/** Requires the right to send: a key bound to a domain sends from that domain alone. */
export function requireSender(claims: ApiKeyClaims, domain: string): void {
  if (claims.domain === undefined || claims.domain === domain) return;
  const message = `This API key may only send from ${claims.domain}.`;
  throw new ContractError(403, 'validation_error', message);
}
