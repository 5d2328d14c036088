import { createHmac } from 'node:crypto';
import type { WebhookSecret } from './webhook.ts';

const SECRET_PREFIX = 'whsec_';

interface SignedMessage {
  /** Id of the event, the same for every attempt: receivers know a repeat by it. */
  readonly id: string;
  /** The body, byte for byte as it is sent. */
  readonly body: string;
  /** Secrets, newest first; those that are not valid any more do not sign. */
  readonly secrets: readonly WebhookSecret[];
  /** Time of this attempt: receivers refuse what is more than five minutes away from their own clock. */
  readonly nowEpochMs: number;
}

/**
 * The headers of one attempt, by Standard Webhooks 1.0 (`webhook-*`) and by the contract, which has Svix's names for the
 * same (`svix-*`). The signature has one part for each secret, so that a receiver that knows any of them is content.
 */
export function signedHeaders({ id, body, secrets, nowEpochMs }: SignedMessage): Record<string, string> {
  const timestamp = String(Math.floor(nowEpochMs / 1000));
  const signature = secrets
    .filter((secret) => isValidAt(secret, nowEpochMs))
    .map(({ secret }) => `v1,${hmacOf(`${id}.${timestamp}.${body}`, secret)}`)
    .join(' ');
  const values = { id, timestamp, signature };
  return Object.fromEntries(
    ['svix', 'webhook'].flatMap((prefix) =>
      Object.entries(values).map(([name, value]) => [`${prefix}-${name}`, value]),
    ),
  );
}

const isValidAt = ({ validUntilEpochMs }: WebhookSecret, nowEpochMs: number): boolean =>
  validUntilEpochMs === undefined || nowEpochMs < validUntilEpochMs;

function hmacOf(text: string, secret: string): string {
  const key = Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64');
  return createHmac('sha256', key).update(text).digest('base64');
}
