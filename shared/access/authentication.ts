import { constantTimeEqual } from '../base/constant-time-equal.ts';
import type { ApiKeyClaims, ApiKeyRecord } from './api-key.ts';

type Authentication =
  | { readonly kind: 'bearer'; readonly claims: ApiKeyClaims }
  | { readonly kind: 'missing' }
  | { readonly kind: 'invalid' };

/** The token of an `Authorization: Bearer …` header; undefined where there is none at all. */
export function bearerTokenOf(authorization: string | undefined): string | undefined {
  const text = (authorization ?? '').trim();
  if (text === '') return undefined;
  const [scheme = '', token = '', ...rest] = text.split(/ +/);
  return scheme.toLowerCase() === 'bearer' && rest.length === 0 ? token : '';
}

/**
 * Decides whether a bearer is let in.
 * @param claims what the token says of itself, undefined where its signature is not ours
 * @param record what the catalog keeps, undefined where the key was deleted
 * @param tokenHash of the token at hand: a key of the same id signed anew is another key
 */
export function decideAuthentication(
  claims: ApiKeyClaims | undefined,
  record: ApiKeyRecord | undefined,
  tokenHash: string,
): Authentication {
  if (claims === undefined || record === undefined) return { kind: 'invalid' };
  const isSame = constantTimeEqual(tokenHash, record.tokenHash) && record.tenant === claims.tenant;
  return isSame ? { kind: 'bearer', claims } : { kind: 'invalid' };
}
