import { createHmac, hkdfSync } from 'node:crypto';
import { constantTimeEqual } from '../base/constant-time-equal.ts';

/** Claims of a link: its holder wants no more mail of the stream at the address. */
export interface UnsubscribeClaims {
  readonly tenant: string;
  readonly stream: string;
  /** Id of the mail that carried the link. */
  readonly messageId: string;
  /** Address as suppressions name it. */
  readonly address: string;
}

const VERSION = 1;

/**
 * Creates a token, `<payload>.<mac>`: the claims as a compact JSON list and HMAC-SHA256 over that text, both
 * base64url. It never expires: a person may unsubscribe by an old mail. 130 to 200 characters for most
 * addresses, under 600 for the longest.
 * @param secret the one that API keys are signed with, base64; ours is derived from it, so that neither token
 * is the other
 */
export function createUnsubscribeToken(claims: UnsubscribeClaims, secret: string): string {
  const { tenant, stream, messageId, address } = claims;
  const json = JSON.stringify([VERSION, tenant, stream, messageId, address]);
  const payload = Buffer.from(json).toString('base64url');
  return `${payload}.${macOf(payload, secret)}`;
}

/**
 * Verifies a token; undefined where it is not signed by us, or is cut short.
 * @param secret as above
 */
export function verifyUnsubscribeToken(token: string, secret: string): UnsubscribeClaims | undefined {
  const [payload = '', mac = '', ...rest] = token.split('.');
  if (rest.length > 0 || !constantTimeEqual(mac, macOf(payload, secret))) return undefined;
  const [version, tenant, stream, messageId, address] = JSON.parse(
    Buffer.from(payload, 'base64url').toString('utf8'),
  );
  return version === VERSION ? { tenant, stream, messageId, address } : undefined;
}

/** MAC of a payload. By RFC 5869 the label keeps keys of one secret apart. */
function macOf(payload: string, secret: string): string {
  const key = hkdfSync('sha256', Buffer.from(secret, 'base64'), '', 'postlane unsubscribe link', 32);
  return createHmac('sha256', Buffer.from(key)).update(payload).digest('base64url');
}
