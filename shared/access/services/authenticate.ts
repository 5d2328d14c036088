import { ContractError, unavailable } from '../../base/contract/errors.ts';
import { OPERATOR_TENANT } from '../../base/tenant-name.ts';
import type { Streams } from '../../streams/stream.ts';
import type { ApiKeyClaims } from '../api-key.ts';
import { hashToken, verifyToken } from '../api-key-token.ts';
import { bearerTokenOf, decideAuthentication } from '../authentication.ts';
import type { ApiKeys, SigningKeys } from '../ports.ts';

/**
 * Answers the claims of the key that a request carries, by its lower-cased headers; throws what the contract
 * says where it may not.
 */
export type Authenticate = (headers: Readonly<Record<string, string>>) => Promise<ApiKeyClaims>;

export function createAuthenticate(deps: {
  readonly apiKeys: Pick<ApiKeys, 'find'>;
  readonly signingKeys: SigningKeys;
  readonly streams: Pick<Streams, 'tenants'>;
}): Authenticate {
  return async (headers) => {
    const token = bearerTokenOf(headers.authorization);
    if (token === undefined) throw new ContractError(401, 'missing_api_key', 'Missing API Key.');

    const claims = verifyToken(token, await orUnavailable(deps.signingKeys.current()));
    const record = claims && (await orUnavailable(deps.apiKeys.find(claims.apiKeyId)));

    const decision = decideAuthentication(claims, record, hashToken(token));
    const isAllowed = deps.streams.tenants !== undefined || claims?.tenant === OPERATOR_TENANT;
    if (decision.kind !== 'bearer' || !isAllowed)
      throw new ContractError(403, 'invalid_api_key', 'API key is invalid.');
    return decision.claims;
  };
}

async function orUnavailable<T>(lookUp: Promise<T>): Promise<T> {
  try {
    return await lookUp;
  } catch (cause) {
    throw unavailable('API keys cannot be checked at the moment.', cause);
  }
}
