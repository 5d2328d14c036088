import { createHash, createHmac } from 'node:crypto';
import { constantTimeEqual } from '../base/constant-time-equal.ts';
import { defined } from '../base/defined.ts';
import type { ApiKeyClaims } from './api-key.ts';

const PREFIX = 're_';

/**
 * Creates a token, `re_<payload>.<mac>`: the claims as compact JSON and HMAC-SHA256 over that text, both
 * base64url. The same claims under the same secret are the same token.
 * @param secret base64
 */
export function createToken(claims: ApiKeyClaims, secret: string): string {
  const { apiKeyId, tenant, permission, domain, stream } = claims;
  const json = JSON.stringify({ id: apiKeyId, tenant, permission, domain, stream });
  const payload = Buffer.from(json).toString('base64url');
  return `${PREFIX}${payload}.${macOf(payload, secret)}`;
}

/**
 * Reads what a token says of its bearer, without a look at the catalog; undefined where it is not signed by
 * us. It does not say whether the key still exists.
 * @param secret base64
 */
export function verifyToken(token: string, secret: string): ApiKeyClaims | undefined {
  if (!token.startsWith(PREFIX)) return undefined;
  const [payload = '', mac = '', ...rest] = token.slice(PREFIX.length).split('.');
  if (rest.length > 0 || !constantTimeEqual(mac, macOf(payload, secret))) return undefined;
  const { id, tenant, permission, domain, stream } = JSON.parse(
    Buffer.from(payload, 'base64url').toString('utf8'),
  );
  return {
    apiKeyId: id,
    tenant,
    permission,
    ...defined({ domain, stream }),
  };
}

/** Hash of a token that the catalog keeps: SHA-256, hex. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

function macOf(payload: string, secret: string): string {
  return createHmac('sha256', Buffer.from(secret, 'base64')).update(payload).digest('base64url');
}
